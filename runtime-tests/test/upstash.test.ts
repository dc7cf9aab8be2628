import { EdgeVM } from '@edge-runtime/vm';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Control, startControl } from '../src/control.ts';
import { installPacked, type Packed } from '../src/packed.ts';
import { DENO, executable, majors, outputOf } from '../src/run.ts';
import type { UpstashInput, UpstashReport } from '../src/upstash.ts';

// A whole conformance run on real timers; each runtime starts cold, and CI has two cores.
const timeout = 120_000;
/** Cases side by side: each waits most of its time. */
const LANES = 10;

let packed: Packed;
let program: string;
let controls: Control[];

beforeAll(async () => {
  packed = await installPacked('core', 'upstash');
  program = await packed.module('upstash-process');
  controls = await Promise.all(Array.from({ length: LANES }, startControl));
}, timeout);

afterAll(async () => {
  for (const control of controls ?? []) await control[Symbol.asyncDispose]();
  await packed?.[Symbol.asyncDispose]();
});

test.for(majors)('node %s', { timeout }, async (major) => {
  holds(await reportOf(executable(`node-${major}`), [program]));
});

test('bun', { timeout }, async () => {
  holds(await reportOf(executable('bun'), ['run', program]));
});

test('deno', { timeout }, async () => {
  // Permitted is what it is for, and nothing else.
  holds(await reportOf(executable('deno'), [...DENO, '--allow-net=127.0.0.1', program]));
});

test('workerd', { timeout }, async () => {
  const miniflare = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await packed.bundle('upstash-worker', 'esm') }],
    compatibilityDate: '2025-06-01',
  });
  try {
    const body = JSON.stringify(input());
    const response = await miniflare.dispatchFetch('http://runtime.test/', { method: 'POST', body });
    holds((await response.json()) as UpstashReport);
  } finally {
    await miniflare.dispose();
  }
});

test('edge runtime', { timeout }, async () => {
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { input: input() }) });
  vm.evaluate(await packed.bundle('upstash-edge', 'iife'));
  holds(await vm.evaluate<Promise<UpstashReport>>('report'));
});

function holds(report: UpstashReport): void {
  expect(report.failed).toEqual([]);
  // The process that has the servers can do everything to them.
  expect(report.notOffered).toEqual([]);
  expect(report.passed.filter((name) => name.startsWith('faults:')).length).toBeGreaterThan(0);
  console.log(`${report.passed.length} passed`);
}

function input(): UpstashInput {
  return { controls: controls.map(({ url }) => url) };
}

async function reportOf(command: string, args: string[]): Promise<UpstashReport> {
  const output = await outputOf(command, [...args, JSON.stringify(input())], packed.directory);
  return JSON.parse(output.split('\n').at(-1) ?? '');
}
