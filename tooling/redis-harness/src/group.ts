/** The conformance harness on several servers, and what must hold through a failover: Sentinel and Cluster. */
import {
  type Announcement,
  announce,
  type BackendRegistry,
  createView,
  type RegistryOptions,
} from '@backend-registry/core';
import type { ConformanceHarness } from '@backend-registry/core/conformance/cases';
import type { RedisServer } from '@backend-registry/redis-server';
import { expect } from 'vitest';

export interface GroupHarnessOptions {
  readonly name: string;
  /** The server that takes writes of this key now. */
  readonly masterOf: (key: string) => Promise<RedisServer>;
  readonly open: (options: RegistryOptions) => BackendRegistry;
  /** What a prefix must look like there. */
  readonly prefixed?: (keyPrefix: string) => string;
}

const RESOLUTION_MS = 5;

/** On a Cluster, keys with the same tag are in one slot. */
export function tagged(keyPrefix: string): string {
  // What is no text is for the adapter to refuse.
  return typeof keyPrefix !== 'string' || /\{[^{}]+\}/.test(keyPrefix) ? keyPrefix : `{${keyPrefix}}`;
}

export function groupHarness({
  name,
  masterOf,
  open,
  prefixed = (prefix) => prefix,
}: GroupHarnessOptions): ConformanceHarness {
  return {
    name,
    async open(given) {
      const handles: BackendRegistry[] = [];
      const another = async (options: RegistryOptions = {}) => {
        const merged = { ...given, ...options };
        const handle = open({ ...merged, keyPrefix: prefixed(merged.keyPrefix) });
        handles.push(handle);
        return handle;
      };
      const prefix = prefixed(given.keyPrefix);
      const master = () => masterOf(`${prefix}registry:meta`);
      return {
        registry: await another(),
        second: another,
        time: { resolutionMs: RESOLUTION_MS },
        async putRaw(id, document) {
          await (await master()).cli('SET', `${prefix}backend:${id}`, document);
        },
        faults: {
          async restartEmpty() {
            await (await master()).cli('FLUSHALL');
          },
          async flushScripts() {
            await (await master()).cli('SCRIPT', 'FLUSH');
          },
        },
        async [Symbol.asyncDispose]() {
          for (const handle of handles) await handle.close();
        },
      };
    },
  };
}

/** A fleet that beats and a view that is read, while `fail` takes the master away: the view is never empty, and everybody is there afterwards. */
export async function keepsItsFleet(open: () => BackendRegistry, fail: () => Promise<unknown>): Promise<void> {
  const fleet: Announcement[] = [];
  const backends = open();
  const proxy = open();
  const view = createView(proxy, { pollIntervalMs: 100 });
  try {
    for (let n = 0; n < 5; n += 1) {
      // Longer than a failover takes, so that nobody expires by it.
      const lease = { heartbeatTimeoutMs: 20_000 };
      fleet.push(
        announce(
          backends,
          { url: 'http://10.0.0.7', port: 8000 + n, ...lease },
          { heartbeatIntervalMs: 100, drainNoticeMs: 0 },
        ),
      );
    }
    await Promise.all([view.ready, ...fleet.map(({ ready }) => ready)]);
    await until(() => view.routable.length === 5);
    let emptiest = 5;
    view.subscribe(() => {
      emptiest = Math.min(emptiest, view.routable.length);
    });
    const before = view.backends.map(({ incarnation }) => incarnation);
    await fail();
    // Writes reach the new master: an update of every backend is seen in the view.
    await Promise.all(fleet.map((announcement) => announcement.update({ zone: 'after' })));
    await until(() => view.state === 'fresh' && view.routable.every(({ zone }) => zone === 'after'));
    expect(view.backends.map(({ incarnation }) => incarnation)).toEqual(before);
    expect(emptiest).toBe(5);
    expect((await proxy.listBackends()).map(({ status }) => status)).toEqual(Array(5).fill('healthy'));
  } finally {
    for (const announcement of fleet) await announcement.close({ deadlineMs: 0 });
    await view.close();
    await backends.close();
    await proxy.close();
  }
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 30_000, interval: 10 }).toBe(true);
}
