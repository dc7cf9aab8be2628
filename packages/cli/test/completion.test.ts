import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { runProgram } from './program.ts';

const script = async (shell: string): Promise<string> => (await runProgram(['completion', shell])).stdout;

/** What a real bash offers for the last of these words, each line of them in turn. */
function offered(completion: string, ...lines: readonly (readonly string[])[]): string[][] {
  const calls = lines.map((words) => {
    const quoted = ['backend-registry', ...words].map((word) => `'${word}'`);
    return `COMP_WORDS=(${quoted.join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _backend_registry; echo "\${COMPREPLY[*]}"`;
  });
  const answer = execFileSync('bash', ['--norc', '-c', `${completion}\n${calls.join('\n')}`], { encoding: 'utf8' });
  return answer
    .split('\n')
    .slice(0, lines.length)
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

test('bash completes commands, options, and what they take', async () => {
  const answers = offered(
    await script('bash'),
    ['l'],
    ['list', '--st'],
    ['list', '--status', ''],
    ['list', '--status', 'healthy', 'd'],
    ['list', '--status', '=', 'he'],
    ['health', 'http', ':', '//10.0.0.1', ':', '8001', ''],
    ['health', 'http', ':', '//10.0.0.1', ':', '8001', 'u'],
    ['list', '--zone', ''],
    ['list', '--cacert', '/etc/passw'],
    ['completion', ''],
    ['help', 'reg'],
    ['top', '--sort', 'l'],
  );
  expect(answers).toEqual([
    ['list'],
    ['--status'],
    ['healthy', 'unhealthy', 'draining', 'expired'],
    ['draining'],
    ['healthy'],
    ['up', 'down'],
    ['up'],
    [],
    expect.arrayContaining(['/etc/passwd']),
    ['bash', 'zsh', 'fish'],
    ['register'],
    ['latency'],
  ]);
});

test('every command and option that help shows is completed, in every shell', async () => {
  const { stdout } = await runProgram(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].map(([, name = '']) => name);
  expect(commands).toContain('list');
  const help = (await runProgram(['register', '--help'])).stdout;
  const options = [...help.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, name = '']) => name);
  expect(options).toContain('keep');
  const [bash, zsh, fish] = await Promise.all(['bash', 'zsh', 'fish'].map(script));
  const inBash = offered(bash ?? '', [''], ['register', '--']);
  expect(inBash[0]).toEqual(expect.arrayContaining(commands));
  expect(inBash[1]?.toSorted()).toEqual(options.map((name) => `--${name}`).toSorted());
  for (const name of commands) expect(zsh).toContain(`    '${name}:`);
  for (const name of commands) expect(fish).toContain(` -a ${name} `);
  for (const name of options) expect(zsh).toContain(`--${name}[`);
  for (const name of options) expect(fish).toContain(`'__fish_seen_subcommand_from register' -l ${name} `);
});
