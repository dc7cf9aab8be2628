/** What the command says of its arguments: the real program, with the Node that it is run with. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { argumentsFor, Mistake, readOptions } from '../src/options.ts';
import { LAST } from '../src/results.ts';
import { long, sections } from '../src/sections/index.ts';

const NODE = createRequire(import.meta.url).resolve('node-24/bin/node');
const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url));

const known = { all: Object.keys(sections), long };

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
  const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(NODE, [PROGRAM, ...args], options);
  return { status, stdout, stderr };
}

test('--help names every option and every section', () => {
  const { status, stdout, stderr } = bench(['--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const option of ['--only', '--rows', '--full', '--write', '--pages']) expect(stdout).toContain(`  ${option}`);
  for (const name of known.all) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
  expect(stdout).toContain(`With --full or --only: ${[...long].join(', ')}.`);
});

test.each([
  ['--fast', "Unknown option '--fast': --help says what there is."],
  ['--only=everything', `There is no section 'everything': --only takes one of ${known.all.join(', ')}.`],
])('%s is answered with one line, and exit 2', (arg, line) => {
  expect(bench([arg])).toEqual({ status: 2, stdout: '', stderr: `${line}\n` });
});

test.each([
  [['--only'], "Option '--only <value>' argument missing: --help says what there is."],
  [['redis'], "Unexpected argument 'redis': --help says what there is."],
  [['--full=yes'], "Option '--full' does not take an argument: --help says what there is."],
  [['--only', 'toString'], `There is no section 'toString': --only takes one of ${known.all.join(', ')}.`],
  [['--write', '--rows', 'heartbeat'], '--write keeps whole sections: leave out --rows, and choose with --only.'],
  [
    ['--write', '--only', 'move'],
    '--write keeps what has taken its time, and would replace it by a short run: say --full as well.',
  ],
  [['--pages', '--full'], '--pages measures nothing: leave out --only, --rows, --full and --write.'],
])('%j is a mistake', (args, line) => {
  expect(() => readOptions(args, known)).toThrow(new Mistake(line));
});

test('a process that measures one section is asked what the command was asked', () => {
  const asked = readOptions(['--only', 'idle', '--only', 'move', '--rows=--x', '--full'], known);
  expect(asked.only).toEqual(['idle', 'move']);
  expect(readOptions(argumentsFor('move', asked), known)).toEqual({ ...asked, only: ['move'], here: true });
});

test('rows that nobody has are said to be none, and those that there are are named', () => {
  const { status, stderr } = bench(['--rows', 'nothing-like-that', '--only', 'gateway', '--only', 'scale']);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr:
      "No row of gateway, scale has 'nothing-like-that' in its name.\ngateway has: the gateway.\nscale has: backends, watchers, namespaces.\n",
  });
});

test('a section that fails is named after what it printed, and the next one is measured', () => {
  const { status, stderr } = bench(['--only', 'idle', '--only', 'move'], { REDIS_SERVER: '/no-such-server' });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /\/no-such-server did not start[\s\S]*\nThe section idle failed\.\n[\s\S]*\nThe section move failed\.\n$/,
  );
});

test('a section ends with the command that has begun it, and keeps nothing', async () => {
  const file = `${LAST}idle.json`;
  rmSync(file, { force: true });
  const command = spawn(NODE, [PROGRAM, '--only', 'idle'], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(command.stderr, 'data'); // the section says what it measures
  const gone = new Promise((resolve) => command.stderr.resume().once('end', resolve));
  command.stdout.resume();
  command.kill('SIGTERM');
  // Its streams end when the last process has let go of them.
  await gone;
  expect(existsSync(file)).toBe(false);
});
