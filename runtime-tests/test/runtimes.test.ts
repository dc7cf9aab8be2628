import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EdgeVM } from '@edge-runtime/vm';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Packed, packCore } from '../src/packed.ts';
import type { SmokeReport } from '../src/smoke.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

// A whole conformance run on real timers; each runtime starts cold, and CI has two cores.
const timeoutMs = 60_000;

let packed: Packed;
let program: string;

beforeAll(async () => {
  packed = await packCore();
  program = await packed.module('process');
}, timeoutMs);

afterAll(async () => {
  await packed?.[Symbol.asyncDispose]();
});

test.for(['20', '22', '24', '26'])('node %s', { timeout: timeoutMs }, async (major) => {
  const node = join(dirname(require.resolve(`node-${major}/package.json`)), 'bin/node');
  const { stdout } = await run(node, ['--version']);
  expect(stdout).toMatch(new RegExp(`^v${major}\\.`));
  holds(await reportOf(node, [program]));
});

test('bun', { timeout: timeoutMs }, async () => {
  holds(await reportOf(binary('bun'), ['run', program]));
});

test('deno', { timeout: timeoutMs }, async () => {
  // Nothing is permitted: what ships reads no file, no environment and no network of its own.
  holds(await reportOf(binary('deno'), ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual', program]));
});

test('workerd', { timeout: timeoutMs }, async () => {
  const miniflare = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await packed.bundle('worker', 'esm') }],
    compatibilityDate: '2025-06-01',
  });
  try {
    const response = await miniflare.dispatchFetch('http://runtime.test/');
    holds((await response.json()) as SmokeReport);
  } finally {
    await miniflare.dispose();
  }
});

test('edge runtime', { timeout: timeoutMs }, async () => {
  const vm = new EdgeVM();
  vm.evaluate(await packed.bundle('edge', 'iife'));
  holds(await vm.evaluate<Promise<SmokeReport>>('report'));
});

function holds(report: SmokeReport): void {
  expect(report.failed).toEqual([]);
  expect(report.passed).toContain('a registered backend is listed, beats and leaves');
  console.log(`${report.passed.length} passed, ${report.notOffered.length} not offered`);
}

async function reportOf(command: string, args: string[]): Promise<SmokeReport> {
  const { stdout, stderr } = await run(command, args, {
    cwd: packed.directory,
    env: { PATH: process.env.PATH, HOME: packed.directory, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
  });
  // No warning either: of listeners that pile up, of what is experimental.
  expect(stderr).toBe('');
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

function binary(name: string): string {
  return join(import.meta.dirname, '../node_modules/.bin', name);
}
