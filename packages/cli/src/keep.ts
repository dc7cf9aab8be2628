/** `register --keep`: keeps a backend registered until interrupted, and says on stderr what happens to it. */
import {
  type AnnouncementState,
  announce,
  type BackendRegistration,
  type BackendRegistry,
  type RegistryError,
} from '@backend-registry/core';
import { showDuration } from './duration.ts';
import { EXIT, type Exit } from './exit.ts';
import { untilIdle } from './idle.ts';
import type { Io } from './io.ts';
import { printable } from './text.ts';

export interface KeepOptions {
  /** How long it may drain at the end. */
  readonly drainMs: number;
  /** Prints each state as an object. */
  readonly json: boolean;
}

export async function keep(
  io: Io,
  registry: BackendRegistry,
  backend: BackendRegistration,
  { drainMs, json }: KeepOptions,
): Promise<Exit> {
  // Who cannot reach the store to begin with is told so, as by every other command; once registered, it tries again for ever.
  await registry.ping();
  const leaseMs = registry.capabilities.heartbeatTimeoutMs;
  const ended = new AbortController();
  let inFlight = 1;
  let failure: RegistryError | undefined;
  let previous: AnnouncementState = 'starting';
  const onState = (state: AnnouncementState): void => {
    const name = printable(announcement.backend?.id ?? backend.url);
    if (json) io.print(JSON.stringify({ state, backend: announcement.backend }));
    if (state === 'registered' && previous === 'starting')
      io.say(`${name} is registered as ${printable(announcement.incarnation)}, and kept so until interrupted.`);
    if (state === 'registered' && previous === 'unreachable') io.say(`The store answers again: ${name} is registered.`);
    if (state === 'superseded') io.say(`Another process has registered ${name}: this one has stopped.`);
    if (state === 'superseded' || state === 'failed') ended.abort();
    previous = state;
  };
  const onError = (error: RegistryError): void => {
    const isNews = previous !== 'unreachable' && failure?.message !== error.message;
    failure = error;
    if (isNews && error.code !== 'REFUSED' && !ended.signal.aborted)
      io.say(`${error.message} Trying again; a lease lasts ${showDuration(leaseMs)} from the last heartbeat.`);
  };
  const announcement = announce(registry, backend, {
    drainDeadlineMs: drainMs,
    inFlight: () => inFlight,
    onState,
    onError,
  });
  const over = AbortSignal.any([io.signal, ended.signal]);
  if (!over.aborted) await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
  if (announcement.state === 'superseded') return EXIT.no;
  if (announcement.state === 'failed' && failure !== undefined) throw failure;

  failure = undefined;
  const registered = announcement.backend;
  const name = printable(registered?.id ?? backend.url);
  if (registered !== null && drainMs > 0) {
    io.say(`${name} drains for ${showDuration(drainMs)} at most. Interrupt again to leave it to the end of its lease.`);
    const closed = new AbortController();
    const draining = announcement.drain();
    void untilIdle(registry, registered, drainMs, closed.signal).then(
      ({ status }) => {
        if (status !== 'unreported' && status !== 'busy') inFlight = 0;
      },
      () => undefined,
    );
    await draining;
    closed.abort();
  }
  await announcement.close({ deadlineMs: 0 });
  if (failure !== undefined) throw failure;
  io.say(`${name} is unregistered.`);
  io.obeyed();
  return EXIT.done;
}
