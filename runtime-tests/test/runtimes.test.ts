import { EdgeVM } from '@edge-runtime/vm';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked, type Packed } from '../src/packed.ts';
import { DENO, executable, majors, outputOf } from '../src/run.ts';
import type { SmokeReport } from '../src/smoke.ts';

// A whole conformance run on real timers; each runtime starts cold, and CI has two cores.
const timeoutMs = 180_000;

let packed: Packed;
let program: string;

beforeAll(async () => {
  packed = await installPacked('core');
  program = await packed.module('process');
}, timeoutMs);

afterAll(async () => {
  await packed?.[Symbol.asyncDispose]();
});

test.for(majors)('node %s', { timeout: timeoutMs }, async (major) => {
  const node = executable(`node-${major}`);
  expect(await outputOf(node, ['--version'], packed.directory)).toMatch(new RegExp(`^v${major}\\.`));
  holds(await reportOf(node, [program]));
});

test('bun', { timeout: timeoutMs }, async () => {
  holds(await reportOf(executable('bun'), ['run', program]));
});

test('deno', { timeout: timeoutMs }, async () => {
  // Nothing is permitted: what ships reads no file, no environment and no network of its own.
  holds(await reportOf(executable('deno'), [...DENO, program]));
});

test('workerd: a view is of all requests', { timeout: timeoutMs }, async () => {
  const miniflare = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await packed.bundle('view-worker', 'esm') }],
    // From 2024-10-14 on, workerd lets one request settle what another waits for.
    compatibilityDate: '2024-09-01',
  });
  const seen = async () => Number(await (await miniflare.dispatchFetch('http://runtime.test/')).text());
  try {
    expect([await seen(), await seen(), await seen()]).toEqual([1, 2, 3]);
    const together = await Promise.all(Array.from({ length: 20 }, seen));
    expect(Math.max(...together)).toBe(23);
  } finally {
    await miniflare.dispose();
  }
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
  return JSON.parse((await outputOf(command, args, packed.directory)).split('\n').at(-1) ?? '');
}
