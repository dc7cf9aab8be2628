/** The conformance suite over Upstash's protocol, on any runtime: handles are of this runtime, the store and its faults of the process that began it. */
import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import {
  type ConformanceFaults,
  type ConformanceHarness,
  planSuite,
  runCase,
} from '@backend-registry/core/conformance/cases';
import { RedisBackendRegistry } from '@backend-registry/upstash';
import type { Opened, Wish } from './control.ts';

/** Of the calls that no case has one for, as in the harness of Node: on a busy machine, the default would end some that are only late. */
const DEADLINE_MS = 5_000;

export interface UpstashInput {
  /** Of each control, whose store is its own: so many cases run side by side. */
  readonly controls: readonly string[];
}

export interface UpstashReport {
  readonly passed: string[];
  readonly failed: { readonly name: string; readonly error: string }[];
  /** Cases that the fixture does not offer. */
  readonly notOffered: string[];
}

export async function conformance({ controls }: UpstashInput): Promise<UpstashReport> {
  const report: UpstashReport = { passed: [], failed: [], notOffered: [] };
  const harnesses = controls.map(remoteHarness);
  const [first] = harnesses;
  if (first === undefined) throw new Error('no control is given');
  const plan = await planSuite(first);
  report.notOffered.push(...plan.notOffered.map(({ name }) => name));
  const left = plan.run;
  await Promise.all(
    harnesses.map(async (harness) => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        try {
          await inTime(runCase(harness, name), plan.caseTimeoutMs);
          report.passed.push(name);
        } catch (error) {
          report.failed.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
        }
      }
    }),
  );
  return report;
}

function remoteHarness(control: string): ConformanceHarness {
  async function ask<T>(wish: Wish): Promise<T> {
    const response = await fetch(control, { method: 'POST', body: JSON.stringify(wish) });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${wish.type}: ${answer}`);
    return JSON.parse(answer);
  }
  return {
    name: 'upstash',
    async open({ keyPrefix, heartbeatTimeoutMs }) {
      const opened = await ask<Opened>({ type: 'open', keyPrefix, heartbeatTimeoutMs });
      const { fixture, url, token, resolutionMs } = opened;
      const handles: BackendRegistry[] = [];
      const another = async (options: RegistryOptions = {}) => {
        const own = { url, token, keyPrefix, heartbeatTimeoutMs, commandTimeoutMs: DEADLINE_MS };
        const handle = new RedisBackendRegistry({ ...own, ...options });
        handles.push(handle);
        return handle;
      };
      const faults = Object.fromEntries(
        (opened.faults as (keyof ConformanceFaults)[]).map((fault) => [
          fault,
          async () => {
            await ask({ type: 'fault', fixture, fault });
            return () => ask<void>({ type: 'end', fixture });
          },
        ]),
      );
      return {
        registry: await another(),
        second: another,
        time: { resolutionMs },
        faults,
        putRaw: (id, document) => ask({ type: 'putRaw', fixture, id, document }),
        async [Symbol.asyncDispose]() {
          for (const handle of handles) await handle.close();
          await ask({ type: 'close', fixture });
        },
      };
    },
  };
}

async function inTime(work: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
