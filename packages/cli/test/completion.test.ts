import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.ts';
import { INSTALLING_MS, install, shell } from './shells.ts';
import { TestTerminal } from './terminal.ts';

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

/** What is offered for the last word, to a real fish and to a real zsh. */
const ELSEWHERE: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['unr', ['unregister']],
  ['list --statu', ['--status']],
  ['list --status ', ['healthy', 'unhealthy', 'draining', 'expired']],
  ['health http://10.0.0.1:8001 ', ['up', 'down']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['top --sort lat', ['latency']],
  ['list --cacert /etc/os-rel', ['/etc/os-release']],
  ['import /etc/os-rel', ['/etc/os-release']],
];

beforeAll(async () => {
  for (const name of ['fish', 'zsh'] as const) await install(name);
}, INSTALLING_MS);

test('fish completes the same', async () => {
  const completion = await script('fish');
  for (const [line, words] of ELSEWHERE) {
    const asked = `complete -C 'backend-registry ${line}'`;
    const answer = execFileSync(shell('fish'), ['--no-config', '-c', `${completion}\n${asked}`], { encoding: 'utf8' });
    // A word, and what it means behind a tab.
    const offers = answer.split('\n').flatMap((offer) => offer.split('\t')[0] || []);
    expect(offers.toSorted(), line).toEqual(words.toSorted());
  }
});

test('zsh completes the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backend-registry-zsh-'));
  try {
    // As a file of $fpath, which compinit finds by its first line.
    writeFileSync(join(folder, '_backend-registry'), await script('zsh'));
    await using terminal = new TestTerminal(shell('zsh'), ['-f', '-i'], { columns: 120, rows: 40 });
    terminal.type(`PS1='> '; fpath=(${folder} $fpath); autoload -Uz compinit; compinit -D -u; clear\r`);
    await terminal.until(({ text }) => text === '>');
    for (const [line, words] of ELSEWHERE) {
      terminal.type(`backend-registry ${line}\t`);
      const [only] = words;
      if (words.length === 1) await terminal.until(({ lines }) => lines[0]?.endsWith(` ${only}`) === true);
      else
        await terminal.until(
          ({ lines }) =>
            lines.slice(1).join(' ').split(/\s+/).filter(Boolean).toSorted().join() === words.toSorted().join(),
        );
      terminal.type('\x15\x0c');
      await terminal.until(({ text }) => text === '>');
    }
    terminal.type('backend-registry top --sort=lat\t');
    await terminal.until(({ lines }) => lines[0]?.endsWith(' --sort=latency') === true);
  } finally {
    rmSync(folder, { recursive: true });
  }
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
  for (const name of options) expect(zsh).toMatch(new RegExp(`--${name}=?\\[`));
  for (const name of options) expect(fish).toContain(`'__fish_seen_subcommand_from register' -l ${name} `);
});

test('bash offers a name with spaces in it as one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backend-registry-'));
  writeFileSync(join(folder, 'a b.jsonl'), '');
  const completion = await script('bash');
  for (const words of ['import', 'list --cacert']) {
    const call = `COMP_WORDS=(backend-registry ${words} ''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _backend_registry`;
    const shown = execFileSync('bash', ['--norc', '-c', `${completion}\n${call}; printf '%s\\n' "\${COMPREPLY[@]}"`], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(shown).toBe('a b.jsonl\n');
  }
  rmSync(folder, { recursive: true });
});
