/** A handle that is closed before it has connected lets go of everything. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendRegistry } from '@backend-registry/core';
import { expect } from 'vitest';
import { eventually } from './witness.ts';

/** So many milliseconds after it was opened: before, while and after it connects. */
const MOMENTS_MS = [0, 0, 1, 1, 2, 2, 3, 5, 10, 20];

/** Nobody else in this process may connect meanwhile. */
export async function letsGo(open: () => BackendRegistry): Promise<void> {
  const sockets: Socket[] = [];
  const keep = (message: unknown) => sockets.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', keep);
  for (const watches of [false, true]) {
    for (const ms of MOMENTS_MS) {
      const registry = open();
      const following = watches ? follow(registry) : undefined;
      await sleep(ms);
      await registry.close();
      await following;
    }
  }
  await eventually(() => expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(0));
  unsubscribe('net.client.socket', keep);
  expect(sockets).not.toHaveLength(0);
}

async function follow(registry: BackendRegistry): Promise<void> {
  for await (const _ of registry.watch());
}
