import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';

type Child = ChildProcessByStdio<null, Readable, Readable>;

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** The lease is longer than the demo, which is one process, stands still on a busy machine: else all of its backends would leave together. */
const SHORT = ['--duration', '1.5', '--rate', '100', '--lease', '5'];
/** Gives a command a terminal of its own; of util-linux, because others take other options. */
const SCRIPT = 'script';

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

test('ends by itself with 0, and says what happened line by line', async () => {
  const { code, output, errors } = await ended(start(process.execPath, [MAIN, ...SHORT]));
  expect(errors).toBe('');
  expect(code, output).toBe(0);
  expect(output).toBe(stripVTControlCharacters(output));
  for (const name of ['b1', 'b2', 'b3', 'b4', 'b5']) expect(output).toContain(`${name} registered`);
  expect(output).toContain('b2 is killed');
  // It may be removed only when the demo has ended.
  expect(output).toMatch(/b2 (is expired|removed)/);
  expect(output).toContain('b5 is draining');
  expect(output).toContain('b5 has ended');
  expect(output).toMatch(/^requests +\d+ in /m);
  expect(output).toMatch(/^failures +\d+ \(drain: 0, crash: \d+, other: 0\)$/m);
  expect(output).toMatch(/^latency +p50 \d+\.\d ms, p99 \d+\.\d ms$/m);
  expect(output).toMatch(/^crash +b2: no longer routed after [\d,]+ ms/m);
  expect(output).toMatch(/^drain +b5: no longer routed after [\d,]+ ms/m);
});

test('draws a table on a terminal of 80 columns, and leaves the cursor as it was', async () => {
  const { code, output } = await ended(inTerminal());
  expect(code, output).toBe(0);
  expect(output.indexOf('\u001b[?25l')).toBe(output.lastIndexOf('\u001b[?25l'));
  expect(output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(output.lastIndexOf('\u001b[J'));
  expect(sequences(output)).toContain('A');
  expect(output).toContain('\u001b[32mhealthy');
  const lines = stripVTControlCharacters(output).split(/\r?\n/);
  expect(lines.filter((line) => line.replaceAll('\r', '').length >= 80)).toEqual([]);
  expect(lines.some((line) => /^b1 +127\.0\.0\.1:\d+ +healthy +\d+ +\d+\.\d ms +\d+ █+$/.test(line))).toBe(true);
  expect(output).toMatch(/failures +\d+ \(drain: 0, crash: \d+, other: 0\)/);
});

test('has no colour where NO_COLOR is set', async () => {
  const { code, output } = await ended(inTerminal({ NO_COLOR: '1' }));
  expect(code, output).toBe(0);
  expect(sequences(output)).toContain('A');
  expect(sequences(output)).not.toContain('m');
});

test('an interrupt ends it in order', async () => {
  const child = start(process.execPath, [MAIN, '--duration', '600']);
  const running = ended(child);
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes('load:')) child.kill('SIGINT');
  });
  const { code, output, errors } = await running;
  expect(errors).toBe('');
  expect(code).toBe(130);
  expect(output).toMatch(/^requests /m);
});

test.each([
  [['--rate', 'fast'], '--rate must be a number from 1 to 100000, not "fast".'],
  [['--backends', '2'], '--backends must be a number from 3 to 50, not "2".'],
  [['--backends', '3.5'], '--backends must be a whole number, not "3.5".'],
  [['--what'], "Unknown option '--what'"],
])('%j is refused with the usage', async (args, message) => {
  const { code, output, errors } = await ended(start(process.execPath, [MAIN, ...args]));
  expect(code).toBe(2);
  expect(output).toBe('');
  expect(errors).toContain(message);
  expect(errors).toContain('Usage: ');
});

test('a registry that cannot be had is an error that says what to do', async () => {
  const { code, errors } = await ended(start(process.execPath, [MAIN, ...SHORT], { REGISTRY_TYPE: 'etcd' }));
  expect(code).toBe(1);
  expect(errors).toMatch(/^Invalid option: REGISTRY_TYPE/m);
  expect(errors).not.toContain('    at ');
});

/** Which control sequences there are, by their last letter: `A` moves up, `m` sets a colour. */
function sequences(output: string): string[] {
  const parts = output.split('\u001b[').slice(1);
  return [...new Set(parts.map((part) => /[a-z]/i.exec(part)?.[0] ?? ''))];
}

function inTerminal(env: NodeJS.ProcessEnv = {}): Child {
  const command = `stty cols 80 rows 30 && exec ${[process.execPath, MAIN, ...SHORT].map((word) => `'${word}'`).join(' ')}`;
  return start(SCRIPT, ['-qec', command, '/dev/null'], { TERM: 'xterm-256color', ...env });
}

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  // What colours a program uses, and where its registry is, is up to each test.
  const { CI: _ci, NO_COLOR: _no, FORCE_COLOR: _force, REGISTRY_TYPE: _type, ...inherited } = process.env;
  return spawn(command, args, { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: Child): Promise<Ended> {
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, output, errors };
}
