/** Copies a live registry into another one, until nothing new is left, and compares the two. */
import type { BackendRegistry } from '@backend-registry/core';
import { type RestoreResult, restoreBackends, type StoredBackend, storedBackends } from '@backend-registry/core/move';
import type { Place } from './place.ts';
import { at } from './sides.ts';
import type { Tally } from './tally.ts';

/** Of a registry that changes all the time; what changes after that is as if it had changed after the command. */
const MOST_PASSES = 5;

export interface Ends {
  readonly source: BackendRegistry;
  readonly target: BackendRegistry;
  readonly places: { readonly from: Place; readonly to: Place };
  readonly signal: AbortSignal;
}

/** A backend, and when it was read by the clock of this process. */
interface Read {
  readonly backend: StoredBackend;
  readonly at: number;
}

export interface Copied {
  /** As they were read last, by id: those whose lease had not ended. */
  readonly live: ReadonlyMap<string, Read>;
  /** Copied, and not in the source any more. */
  readonly left: readonly string[];
}

/** @param progress told how many of how many have been looked at */
export async function copyAll(ends: Ends, tally: Tally, progress: (done: number, of: number) => void): Promise<Copied> {
  const { target, places, signal } = ends;
  const copied = new Map<string, string>();
  for (let pass = 1; ; pass += 1) {
    const live = new Map<string, Read>();
    let done = 0;
    let fresh = 0;
    for await (const page of pages(ends)) {
      const readAt = performance.now() - page.ageMs;
      const todo: StoredBackend[] = [];
      for (const backend of page.backends) {
        if (backend.expiresInMs === 0) tally.add({ id: backend.id, status: 'expired' });
        else {
          live.set(backend.id, { backend, at: readAt });
          if (copied.get(backend.id) !== backend.version) todo.push(backend);
        }
      }
      tally.addCorrupt(page.corrupt);
      for (const result of await at(places.to, restoreBackends(target, todo, { ageMs: page.ageMs }))) tally.add(result);
      for (const { id, version } of todo) copied.set(id, version);
      fresh += todo.length;
      done += page.backends.length + page.corrupt.length;
      if (pass === 1) progress(done, page.total);
      signal.throwIfAborted();
    }
    if (fresh === 0 || pass === MOST_PASSES)
      return { live, left: [...copied.keys()].filter((id) => !live.has(id) && tally.get(id) !== 'expired') };
  }

  async function* pages({ source: registry }: Pick<Ends, 'source'>) {
    const reading = storedBackends(registry, { signal });
    for (;;) {
      const next = await at(places.from, reading.next());
      if (next.done) return;
      yield next.value;
    }
  }
}

export interface Verified {
  /** Live in the source, and not in the target. */
  readonly missing: readonly string[];
  /** In both, and not the same, though nobody has changed it in the target. */
  readonly differing: readonly string[];
}

const OWN: readonly (RestoreResult['status'] | undefined)[] = ['present', 'unregistered', 'foreign', 'expired'];

/** Reads the target, and compares it with what was read of the source. What is not there is copied once more, for its answer says why. */
export async function verify(ends: Ends, { live }: Copied, tally: Tally): Promise<Verified> {
  const { target, places } = ends;
  let wrong = await compare(ends, [...live.values()], tally);
  if (wrong.size > 0) {
    const again = [...live.values()].filter(({ backend }) => wrong.has(backend.id));
    const ageMs = Math.max(...again.map((read) => performance.now() - read.at));
    const results = await at(
      places.to,
      restoreBackends(
        target,
        again.map(({ backend }) => backend),
        { ageMs },
      ),
    );
    for (const result of results) tally.add(result);
    // What was changed there meanwhile has the answer of one that is left alone.
    const doubtful = again.filter((_, n) => results[n]?.status !== 'renewed');
    wrong = await compare(ends, doubtful, tally);
  }
  const found = [...wrong];
  return {
    missing: found.filter(([, how]) => how === 'missing').map(([id]) => id),
    differing: found.filter(([, how]) => how === 'differing').map(([id]) => id),
  };
}

async function compare(
  { target, places, signal }: Ends,
  reads: readonly Read[],
  tally: Tally,
): Promise<Map<string, 'missing' | 'differing'>> {
  const there = new Map<string, StoredBackend>();
  const reading = storedBackends(target, { signal });
  for (;;) {
    const next = await at(places.to, reading.next());
    if (next.done) break;
    for (const backend of next.value.backends) there.set(backend.id, backend);
  }
  const wrong = new Map<string, 'missing' | 'differing'>();
  for (const { backend } of reads) {
    if (OWN.includes(tally.get(backend.id))) continue;
    const other = there.get(backend.id);
    if (other === undefined) wrong.set(backend.id, 'missing');
    else if (stateOf(other) !== stateOf(backend)) wrong.set(backend.id, 'differing');
  }
  return wrong;
}

/** All but where it stands in a history, and its lease. */
function stateOf({ version: _, readAt: __, expiresInMs: ___, lastHeartbeatAt: ____, ...state }: StoredBackend): string {
  return JSON.stringify(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How long until the first lease of these ends in the target, if nobody beats. */
export function shortestLeaseMs({ live }: Copied): number | undefined {
  const left = Array.from(live.values(), (read) => read.backend.expiresInMs - (performance.now() - read.at));
  return left.length === 0
    ? undefined
    : Math.max(
        0,
        left.reduce((a, b) => Math.min(a, b)),
      );
}
