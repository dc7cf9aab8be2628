import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** Sources, by path. */
export interface Automation {
  /** The text of `.ci/run`. */
  readonly ciRun: string;
  /** Files of `.github/workflows`, by name. */
  readonly workflows: Readonly<Record<string, string>>;
  /** `packageManager` of the root package.json. */
  readonly packageManager: string;
}

/** The workflows run what `.ci/run` runs, with actions that cannot change under us. */
export function workflowProblems({ ciRun, workflows, packageManager }: Automation): string[] {
  const problems: string[] = [];
  const major = /^pnpm@(\d+)\.\d+\.\d+$/.exec(packageManager)?.[1];
  if (major === undefined)
    problems.push(`package.json: packageManager must be an exact version of pnpm, not ${packageManager}`);
  if (!ciRun.includes(`npx --yes pnpm@${major} test`))
    problems.push(`.ci/run: must run \`npx --yes pnpm@${major} test\``);

  for (const [name, text] of Object.entries(workflows)) {
    const jobs: Record<string, { steps?: Step[] }> = parse(text).jobs ?? {};
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
    const runs = steps.flatMap(({ run }) => (run === undefined ? [] : [run.trim()]));
    if (!runs.includes('bash .ci/run')) problems.push(`${name}: no step runs exactly \`bash .ci/run\``);

    for (const run of [...runs, ...steps.flatMap((step) => Object.values(step.with ?? {}))]) {
      for (const [command, other] of String(run).matchAll(/pnpm@(\d+)/g)) {
        if (other !== major) problems.push(`${name}: runs ${command} where the project has pnpm ${major}`);
      }
    }
    for (const line of text.split('\n')) {
      const action = /^\s*(?:- )?uses:\s*(.+)$/.exec(line)?.[1];
      if (action !== undefined && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)) {
        problems.push(`${name}: \`uses: ${action}\` must be a full commit with its version as a comment`);
      }
    }
  }
  return problems;
}
