import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createView, startCleanup, type View } from '@backend-registry/core';
import { type RunningBackend, startBackend } from './backend.ts';
import { nameOf, Observer } from './observer.ts';
import { type Attempt, createProxy } from './proxy.ts';
import { openRegistry } from './registry.ts';
import { createService } from './service.ts';

export interface StageOptions {
  readonly backends: number;
  readonly heartbeatTimeoutMs: number;
  readonly onEvent: (text: string) => void;
  /** Told of each attempt of the proxy, before it begins. */
  readonly onAttempt?: (attempt: Attempt) => void;
  readonly signal: AbortSignal;
}

/** Backends and a proxy that finds them through one registry: what would be several processes, in one. */
export interface Stage extends AsyncDisposable {
  /** The kind of store. */
  readonly store: string;
  /** Where the proxy listens. */
  readonly address: string;
  readonly view: View;
  readonly observer: Observer;
  readonly backends: readonly RunningBackend[];
}

/** Resolves once the proxy sees every backend, or is interrupted. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { backends: count, heartbeatTimeoutMs, onEvent, onAttempt, signal } = options;
  await using resources = new AsyncDisposableStack();
  // The braces keep the keys together on a Redis Cluster; the prefix keeps them apart from everything else.
  const open = openRegistry({ heartbeatTimeoutMs, keyPrefix: '{backend-registry-demo}:' });

  // The side of the proxy: a view to route by, and a cleanup that removes what has expired.
  const registry = resources.use(await open());
  const view = resources.use(createView(registry, { pollIntervalMs: 250 }));
  resources.use(startCleanup(registry));
  const observer = new Observer(view, onEvent);
  const proxy = createProxy({
    view,
    onAttempt: (attempt) => {
      observer.onAttempt(attempt);
      onAttempt?.(attempt);
    },
    onFailure: (failure) => observer.onFailure(failure),
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  resources.use(proxy);
  await view.ready;

  // The side of the backends: each has a handle of its own, as it would in a process of its own.
  const backends: RunningBackend[] = [];
  for (let number = 1; number <= count; number += 1) {
    const name = `b${number}`;
    const onError = ({ message }: Error): void => onEvent(`${name}: ${message}`);
    const backend = await startBackend({ registry: await open(), name, service: createService(name), onError });
    resources.defer(() => backend.close({ deadlineMs: 0 }));
    backends.push(backend);
  }
  const routable = (name: string): boolean => view.routable.some((backend) => nameOf(backend) === name);
  await observer.until(() => backends.every(({ name }) => routable(name)), signal);

  const held = resources.move();
  return {
    store: registry.capabilities.store,
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    view,
    observer,
    backends,
    [Symbol.asyncDispose]: () => {
      // What is closed from here on is not part of the play.
      observer.close();
      return held.disposeAsync();
    },
  };
}
