/** Copies a live registry into another one, until nothing new is left, and compares the two. */
import type { Backend, BackendRegistry } from '@backend-registry/core';
import { restoreBackends, type StoredBackend, storedBackends } from '@backend-registry/core/move';
import { epochOf, NO_EPOCH } from './epoch.ts';
import type { Place } from './place.ts';
import { at } from './sides.ts';
import { isLeftOut, type Tally } from './tally.ts';

/** Of a registry that changes all the time; what changes after that is as if it had changed after the command. */
const MOST_PASSES = 5;

export interface Ends {
  readonly source: BackendRegistry;
  readonly target: BackendRegistry;
  readonly places: { readonly from: Place; readonly to: Place };
  readonly signal: AbortSignal;
}

/** A backend, and when it was asked for by the clock of this process. */
interface Read {
  readonly backend: StoredBackend;
  readonly askedAt: number;
}

export interface Copied {
  /** As they were read last, by id: those whose lease had not ended. */
  readonly live: ReadonlyMap<string, Read>;
  /** Copied, and not in the source any more. */
  readonly left: readonly string[];
  /** The source has lost its data meanwhile: what it had is not known any more. */
  readonly lost: boolean;
  /** Proxies are served them by the source, and they cannot be copied: their rows are not whole. */
  readonly uncopied: readonly string[];
}

/** @param progress told how many of how many have been looked at */
export async function copyAll(ends: Ends, tally: Tally, progress: (done: number, of: number) => void): Promise<Copied> {
  const { source, target, places, signal } = ends;
  const copied = new Map<string, string>();
  const epoch = await at(places.from, epochOf(source));
  for (let pass = 1; ; pass += 1) {
    const live = new Map<string, Read>();
    let looked = 0;
    for await (const page of pages(ends)) {
      const todo: StoredBackend[] = [];
      for (const backend of page.backends) {
        if (backend.expiresInMs === 0) tally.add({ id: backend.id, status: 'expired' });
        else {
          live.set(backend.id, { backend, askedAt: page.askedAt });
          if (copied.get(backend.id) !== backend.version) todo.push(backend);
        }
      }
      tally.addCorrupt(page.corrupt);
      for (const result of await at(places.to, restoreBackends(target, todo, { askedAt: page.askedAt })))
        tally.add(result);
      for (const { id, version } of todo) copied.set(id, version);
      looked += page.backends.length + page.corrupt.length;
      if (pass === 1) progress(looked, page.total);
      signal.throwIfAborted();
    }
    // Whatever has changed has another version: asking for that is one short call.
    const listed = new Map(
      (await at(places.from, source.listBackends())).map(({ id, status, version }) => [
        id,
        status === 'expired' ? undefined : version,
      ]),
    );
    const done =
      pass === MOST_PASSES || [...listed].every(([id, version]) => (version ?? copied.get(id)) === copied.get(id));
    if (done) {
      const lost = epoch !== NO_EPOCH && (await at(places.from, epochOf(source))) !== epoch;
      const uncopied = [...listed].flatMap(([id, version]) =>
        version !== undefined && tally.corrupt.has(id) ? [id] : [],
      );
      return { live, left: [...copied.keys()].filter((id) => !listed.has(id)), lost, uncopied };
    }
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
  /** In the target, and neither in the source nor copied by this command. */
  readonly alone: readonly string[];
}

/** Reads the target, and compares it with what was read of the source. What is not there is copied once more, for its answer says why. */
export async function verify(ends: Ends, { live, left }: Copied, tally: Tally): Promise<Verified> {
  const { target, places } = ends;
  let { wrong, there } = await compare(ends, [...live.values()], tally);
  if (wrong.size > 0) {
    const again = [...live.values()].filter(({ backend }) => wrong.has(backend.id));
    const askedAt = again.reduce((first, read) => Math.min(first, read.askedAt), Number.POSITIVE_INFINITY);
    const results = await at(
      places.to,
      restoreBackends(
        target,
        again.map(({ backend }) => backend),
        { askedAt },
      ),
    );
    for (const result of results) tally.add(result);
    // What was changed there meanwhile has the answer of one that is left alone.
    ({ wrong, there } = await compare(ends, again, tally));
  }
  const found = [...wrong];
  return {
    missing: found.filter(([, how]) => how === 'missing').map(([id]) => id),
    differing: found.filter(([, how]) => how === 'differing').map(([id]) => id),
    alone: [...there]
      .filter((id) => tally.get(id) === undefined && !tally.corrupt.has(id) && !left.includes(id))
      .sort(),
  };
}

async function compare(
  { target, places }: Ends,
  reads: readonly Read[],
  tally: Tally,
): Promise<{ wrong: Map<string, 'missing' | 'differing'>; there: ReadonlySet<string> }> {
  const listed = new Map((await at(places.to, target.listBackends())).map((backend) => [backend.id, backend]));
  const wrong = new Map<string, 'missing' | 'differing'>();
  for (const { backend } of reads) {
    const status = tally.get(backend.id);
    if (isLeftOut(status)) continue;
    const other = listed.get(backend.id);
    if (other === undefined) wrong.set(backend.id, 'missing');
    // What was announced or changed there is its own.
    else if (status !== 'present' && !isSame(backend, other)) wrong.set(backend.id, 'differing');
  }
  return { wrong, there: new Set(listed.keys()) };
}

const COMPARED = [
  'incarnation',
  'registeredAt',
  'inFlightRequests',
  'rifAvgLatency',
  'overallAvgLatency',
  'metricsUpdatedAt',
  'weight',
  'zone',
] as const satisfies readonly (keyof StoredBackend & keyof Backend)[];

function isSame(stored: StoredBackend, shown: Backend): boolean {
  const status = stored.draining ? 'draining' : stored.health ? 'healthy' : 'unhealthy';
  return (
    COMPARED.every((field) => stored[field] === shown[field]) &&
    JSON.stringify(stored.metadata) === JSON.stringify(shown.metadata) &&
    // Of one whose lease has ended since, neither health nor drain is shown.
    (shown.status === 'expired' || (shown.status === status && shown.health === stored.health))
  );
}

/** How long until the first lease of these ends in the target, if nobody beats. */
export function shortestLeaseMs({ live }: Copied): number | undefined {
  const left = Array.from(live.values(), (read) => read.backend.expiresInMs - (performance.now() - read.askedAt));
  return left.length === 0
    ? undefined
    : Math.max(
        0,
        left.reduce((a, b) => Math.min(a, b)),
      );
}
