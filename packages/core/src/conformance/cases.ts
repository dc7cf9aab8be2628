/** The conformance suite as data, for any test runner and any runtime. */

import { within } from './assert.ts';
import { addresses } from './groups/addresses.ts';
import { announceNeeds, announcing } from './groups/announce.ts';
import { cleanup, cleanupNeeds } from './groups/cleanup.ts';
import { concurrency } from './groups/concurrency.ts';
import { corrupt, corruptNeeds } from './groups/corrupt.ts';
import { drain } from './groups/drain.ts';
import { errors } from './groups/errors.ts';
import { faults, faultsNeeds } from './groups/faults.ts';
import { fencing } from './groups/fencing.ts';
import { health } from './groups/health.ts';
import { isolation } from './groups/isolation.ts';
import { leases } from './groups/leases.ts';
import { lifecycle } from './groups/lifecycle.ts';
import { metrics } from './groups/metrics.ts';
import { registration } from './groups/registration.ts';
import { viewNeeds, views } from './groups/view.ts';
import { watching, watchNeeds } from './groups/watch.ts';
import type { ConformanceCase, ConformanceHarness, ConformanceNeed } from './harness.ts';
import { offers } from './harness.ts';

export { ConformanceError } from './assert.ts';
export type {
  ConformanceCase,
  ConformanceFaults,
  ConformanceFixture,
  ConformanceHarness,
  ConformanceNeed,
  ConformanceOpenOptions,
  ConformanceTime,
} from './harness.ts';
export { memoryHarness } from './memory.ts';

/** The name of a case: its group, and the promise it holds an adapter to. */
export type CaseName =
  | keyof typeof leases
  | keyof typeof lifecycle
  | keyof typeof registration
  | keyof typeof health
  | keyof typeof metrics
  | keyof typeof drain
  | keyof typeof fencing
  | keyof typeof cleanup
  | keyof typeof watching
  | keyof typeof addresses
  | keyof typeof isolation
  | keyof typeof corrupt
  | keyof typeof errors
  | keyof typeof views
  | keyof typeof announcing
  | keyof typeof concurrency
  | keyof typeof faults;

/** Every case, by name. Open a fixture, pass it in, dispose of it: `runCase` does the three. */
export const conformanceCases: Readonly<Record<CaseName, ConformanceCase>> = {
  ...leases,
  ...lifecycle,
  ...registration,
  ...health,
  ...metrics,
  ...drain,
  ...fencing,
  ...cleanup,
  ...watching,
  ...addresses,
  ...isolation,
  ...corrupt,
  ...errors,
  ...views,
  ...announcing,
  ...concurrency,
  ...faults,
};

/** What cases need beyond the contract. One that needs what a fixture does not offer is left out, and said to be. */
export const caseNeeds: Readonly<Partial<Record<CaseName, readonly ConformanceNeed[]>>> = {
  ...cleanupNeeds,
  ...watchNeeds,
  ...corruptNeeds,
  ...viewNeeds,
  ...announceNeeds,
  ...faultsNeeds,
};

const HEARTBEAT_TIMEOUT_MS = 60_000;
/** Longer than a case waits for what never comes. */
export const CASE_TIMEOUT_MS = 30_000;
/** Leases of the cases are as short as they can be told apart, and some wait for many of them. */
const RESOLUTIONS = 600;

let opened = 0;

/** Runs one case on a registry of its own. Rejects with what it found. */
export async function runCase(harness: ConformanceHarness, name: CaseName): Promise<void> {
  opened += 1;
  const keyPrefix = `conformance-${Date.now().toString(36)}-${opened}:`;
  const fixture = await harness.open({ keyPrefix, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS });
  try {
    await conformanceCases[name](fixture);
  } finally {
    await fixture[Symbol.asyncDispose]();
  }
}

export interface ConformanceReport {
  readonly passed: readonly CaseName[];
  /** A known gap that passes is among them: it is no gap any more. */
  readonly failed: readonly { readonly name: CaseName; readonly error: unknown }[];
  readonly knownGaps: readonly { readonly name: CaseName; readonly reason: string }[];
  /** Left out, with what the harness does not offer. */
  readonly notOffered: readonly { readonly name: CaseName; readonly needs: readonly ConformanceNeed[] }[];
}

/** Runs the whole suite, one case after the other, where there is no test runner. */
export async function runConformance(harness: ConformanceHarness): Promise<ConformanceReport> {
  const passed: CaseName[] = [];
  const failed: { name: CaseName; error: unknown }[] = [];
  const knownGaps: { name: CaseName; reason: string }[] = [];
  const { run, notOffered, caseTimeoutMs } = await planSuite(harness);
  for (const name of run) {
    const reason = harness.knownGaps?.[name];
    const error = await within(caseTimeoutMs, runCase(harness, name), name).then(
      () => undefined,
      (thrown: unknown) => thrown ?? new Error('rejected with nothing'),
    );
    if (reason !== undefined && error !== undefined) knownGaps.push({ name, reason });
    else if (reason !== undefined) failed.push({ name, error: new Error(`passes, and is no gap any more: ${reason}`) });
    else if (error === undefined) passed.push(name);
    else failed.push({ name, error });
  }
  return { passed, failed, knownGaps, notOffered };
}

/** Which cases apply to a harness, by what one of its fixtures offers, and how long each may take. */
export async function planSuite(harness: ConformanceHarness): Promise<{
  run: CaseName[];
  notOffered: { name: CaseName; needs: ConformanceNeed[] }[];
  caseTimeoutMs: number;
}> {
  const probe = await harness.open({
    keyPrefix: `conformance-probe-${Date.now().toString(36)}:`,
    heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
  });
  const run: CaseName[] = [];
  const notOffered: { name: CaseName; needs: ConformanceNeed[] }[] = [];
  for (const name of Object.keys(conformanceCases) as CaseName[]) {
    const needs = (caseNeeds[name] ?? []).filter((need) => !offers(probe, need));
    if (needs.length === 0) run.push(name);
    else notOffered.push({ name, needs });
  }
  const { time } = probe;
  const caseTimeoutMs = Math.max(CASE_TIMEOUT_MS, 'advance' in time ? 0 : RESOLUTIONS * time.resolutionMs);
  await probe[Symbol.asyncDispose]();
  return { run, notOffered, caseTimeoutMs };
}
