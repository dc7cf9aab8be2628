/** The conformance suite of a Redis adapter. Each case has a prefix of its own and waits for leases most of its time, so cases run side by side. */
import {
  type CaseName,
  type ConformanceHarness,
  caseNeeds,
  planSuite,
  runCase,
} from '@backend-registry/core/conformance/cases';
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll, describe, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { redisHarness } from './standalone.ts';

/** Longer than a case waits for what never comes, beside others on a busy machine. */
const CASE_TIMEOUT_MS = 60_000;

/** The whole suite over a client of the registry's own, on one server. */
export async function testConformance({ name, open }: Adapter): Promise<void> {
  const server = await startStandalone();
  afterAll(() => server[Symbol.asyncDispose]());
  await testSuite(
    redisHarness({ name: `${name}, standalone`, server, open: (url, options) => open({ ...options, url }) }),
  );
}

export async function testSuite(
  harness: ConformanceHarness,
  wanted: (name: CaseName) => boolean = () => true,
): Promise<void> {
  const { run, notOffered } = await planSuite(harness);
  for (const { name, needs } of notOffered) {
    console.info(`${harness.name}: not run, for the harness does not offer ${needs.join(', ')}: ${name}`);
  }
  // What empties the server would take the data of its neighbours.
  const empties = (name: CaseName) => caseNeeds[name]?.includes('faults.restartEmpty') ?? false;
  const cases = run.filter(wanted);
  const alone = cases.filter(empties);
  describe(harness.name, () => {
    describe('side by side', { concurrent: true, timeout: CASE_TIMEOUT_MS }, () => {
      test.each(cases.filter((name) => !empties(name)))('%s', (name) => runCase(harness, name));
    });
    if (alone.length === 0) return;
    describe('one after the other', { timeout: CASE_TIMEOUT_MS }, () => {
      test.each(alone)('%s', (name) => runCase(harness, name));
    });
  });
}
