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
import { inOptions } from './failure.ts';
import { type Idleness, untilIdle } from './idle.ts';
import type { Io } from './io.ts';
import { jsonOf, printable } from './text.ts';

/** Something may be in flight. */
const UNKNOWN: ReadonlySet<Idleness['status']> = new Set(['unreported', 'busy', 'lost', 'unanswered']);

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
  const leaseMs = registry.capabilities.heartbeatTimeoutMs;
  const ended = new AbortController();
  let inFlight = 1;
  let registeredOnce = false;
  /** The last call that failed. */
  const seen: { failure?: RegistryError | undefined } = {};
  let previous: AnnouncementState = 'starting';
  const onState = (state: AnnouncementState): void => {
    const name = printable(announcement.backend?.id ?? backend.url);
    if (json) io.print(jsonOf({ state, backend: announcement.backend }));
    if (state === 'registered' && !registeredOnce)
      io.say(`${name} is registered as ${printable(announcement.incarnation)}, and kept so until interrupted.`);
    else if (state === 'registered' && previous === 'unreachable')
      io.say(`The store answers again: ${name} is registered.`);
    registeredOnce ||= state === 'registered';
    if (state === 'superseded') io.say(`Another process has registered ${name}: this one has stopped.`);
    if (state === 'superseded' || state === 'failed') ended.abort();
    previous = state;
  };
  const onError = (error: RegistryError): void => {
    const isNews = previous !== 'unreachable' || seen.failure?.message !== error.message;
    seen.failure = error;
    if (previous === 'superseded' || over.aborted) return;
    // What the store refuses from the beginning, a wrong password or a right that is missing, it refuses for ever.
    if (error.code === 'REFUSED' && announcement.backend === null) ended.abort();
    else if (isNews)
      io.say(
        `${told(error)} Trying again${announcement.backend === null ? '' : `; a lease lasts ${showDuration(leaseMs)} from the last heartbeat`}.`,
      );
  };
  const over = AbortSignal.any([io.signal, ended.signal]);
  const announcement = announce(registry, backend, {
    drainDeadlineMs: drainMs,
    inFlight: () => inFlight,
    onState,
    onError,
  });
  if (!over.aborted) await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
  if (announcement.state === 'superseded') return EXIT.no;
  const registered = announcement.backend;
  const { failure } = seen;
  if (failure !== undefined && (announcement.state === 'failed' || (registered === null && !io.interrupted))) {
    await announcement.close({ deadlineMs: 0 });
    throw failure;
  }
  const name = printable(registered?.id ?? backend.url);
  if (registered !== null && drainMs > 0) {
    io.say(`${name} drains for ${showDuration(drainMs)} at most. Interrupt again to leave it to the end of its lease.`);
    const closed = new AbortController();
    const draining = announcement.drain();
    void untilIdle(registry, registered, drainMs, closed.signal).then(
      ({ status }) => {
        if (!UNKNOWN.has(status)) inFlight = 0;
      },
      () => undefined,
    );
    await draining;
    closed.abort();
  }
  seen.failure = undefined;
  await announcement.close({ deadlineMs: 0 });
  // What it was asked to do ends here, well or not.
  io.obeyed();
  // A heartbeat that was under way may have failed too.
  const left = told(seen.failure);
  if (left?.startsWith('unregister:')) {
    io.say(
      registered === null
        ? `${name} was never registered, as far as is known: ${left}`
        : `${name} is not unregistered: ${left} Its lease ends by itself, within ${showDuration(leaseMs)}.`,
    );
    return EXIT.store;
  }
  io.say(registered === null ? `${name} was not registered yet.` : `${name} is unregistered.`);
  return EXIT.done;
}

function told(error: RegistryError | undefined): string | undefined {
  return error && printable(inOptions(error.message));
}
