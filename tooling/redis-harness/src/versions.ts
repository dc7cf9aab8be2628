/** The conformance suite, or what of it depends on the client most, over the caller's own client, of every version that an adapter supports. */
import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import { type CaseName, caseNeeds, planSuite, runCase } from '@backend-registry/core/conformance/cases';
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll, describe, test } from 'vitest';
import { redisHarness } from './index.ts';

export interface Version {
  /** Of the client, with its protocol: `redis 4.7.0, RESP2`. */
  readonly name: string;
  /** Runs every case; else those of {@link GROUPS}. */
  readonly whole: boolean;
  /** Connects a client of the caller's. */
  connect(url: string): Promise<{ readonly client: unknown; end(): unknown }>;
}

/** What is sent and comes back, and what happens when a connection does not hold. */
const GROUPS = /^(registration|addresses|leases|fencing|watch|faults): /;

/** Cases run side by side, and wait for each other on a busy machine: more than one that runs alone. */
const RESOLUTION_MS = 20;
const CASE_TIMEOUT_MS = 60_000;

/** @param over opens a registry over a client of the caller's */
export async function testVersion(
  { name, whole, connect }: Version,
  over: (client: unknown, options: RegistryOptions) => BackendRegistry,
): Promise<void> {
  const [shared, emptied] = [await startStandalone(), await startStandalone()];
  afterAll(async () => {
    await shared[Symbol.asyncDispose]();
    await emptied[Symbol.asyncDispose]();
  });
  const harnessOn = (server: typeof shared) =>
    redisHarness({
      name,
      server,
      resolutionMs: RESOLUTION_MS,
      async open(url, options, atTheEnd) {
        const { client, end } = await connect(url);
        atTheEnd(end);
        return over(client, options);
      },
    });
  const { run: all } = await planSuite(harnessOn(shared));
  const run = whole ? all : all.filter((each) => GROUPS.test(each));
  // What empties the server would take the data of its neighbours.
  const empties = (each: CaseName) => caseNeeds[each]?.includes('faults.restartEmpty') === true;

  describe(name, () => {
    describe('side by side', { concurrent: true, timeout: CASE_TIMEOUT_MS }, () => {
      const harness = harnessOn(shared);
      for (const each of run.filter((one) => !empties(one))) test(each, () => runCase(harness, each));
    });
    describe('one after the other', { timeout: CASE_TIMEOUT_MS }, () => {
      const harness = harnessOn(emptied);
      for (const each of run.filter(empties)) test(each, () => runCase(harness, each));
    });
  });
}
