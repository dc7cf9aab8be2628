/** What is compared: one file for each system, all behind this. */
import type { PeerServer, ServerOptions } from '../servers/server.ts';

/** What a system may be asked to do, and may not be able to. */
export type Work = 'register' | 'heartbeat' | 'heartbeatAll' | 'update' | 'list' | 'firstList' | 'watch' | 'announce';

export interface System {
  readonly name: string;
  /** `limit`: the least that the job could need. */
  readonly kind: 'limit' | 'ours' | 'peer';
  /** The file that exports it: a process that needs no other loads no other. */
  readonly module: string;
  /** Its client and its configuration, in words. */
  readonly about: string;
  /** What it cannot do, in words that stand in the cell of the table. */
  readonly cannot: Readonly<Partial<Record<Work, string>>>;
  /** Whether its server is a Redis, in whose database other programs may have keys. */
  readonly redis: boolean;
  /** Whether a watcher is told that a backend is gone. Otherwise whoever wants to know asks. */
  readonly tells: boolean;
  /** How a proxy that is not told finds out, in words. Default: it asks again and again. */
  readonly looks?: string;
  /** How long its server must be asked before it is as fast as it gets: what compiles itself while it runs. */
  readonly warmUpMs?: number;
  start(options: ServerOptions): Promise<PeerServer>;
  open(endpoint: string, options: SessionOptions): Promise<Session>;
}

export interface SessionOptions {
  /** What is in one space is not seen in another one. Letters, digits and `-`. */
  readonly space: string;
  /** How long a heartbeat lasts. Where the system does not let that be chosen, it is in {@link System.about}. */
  readonly leaseMs: number;
  /** What it writes is to survive a restart, where the client decides that. */
  readonly durable?: boolean;
}

/** Hears of the nth backend. */
export interface Listener {
  /** It has changed. */
  seen(n: number): void;
  /** It is there no longer, or counts as dead. */
  gone(n: number): void;
}

/** A client. Backends are numbers here: what each is made of, {@link documentOf} says. */
export interface Session {
  /** Registers the first `count`, as fast as it can, or renews them; not measured. */
  fill(count: number): Promise<unknown>;
  /** Must be filled again before each measurement: its leases last for seconds, and nobody can choose otherwise. */
  readonly fades?: boolean;
  register?(n: number): Promise<unknown>;
  heartbeat?(n: number): Promise<unknown>;
  /** Of the first `count`. */
  heartbeatAll?(count: number): Promise<unknown>;
  /** Asks the server, and resolves to how many there are. */
  list?(): Promise<number>;
  /** The same as one who has never listed, over a connection that is there. Default: `list`, for whoever keeps nothing. */
  firstList?(): Promise<number>;
  /** Changes what the store keeps of it, and what the others see. */
  update?(n: number): Promise<unknown>;
  /** The same where somebody watches. Default: `update`. */
  change?(n: number): Promise<unknown>;
  /** Resolves when it listens. */
  watch?(listener: Listener): Promise<unknown>;
  /** Keeps one registered from now on, as the library does it, or as its manual says. */
  announce?(n: number): Promise<unknown>;
  /** The numbers of those that count as alive now, as a proxy would find out. */
  live?(): Promise<ReadonlySet<number>>;
  /** The same as the store has it, where a proxy finds out otherwise. */
  stored?(): Promise<ReadonlySet<number>>;
  /** Begins whatever a proxy runs beside, such as cleaning up. */
  tend?(): Promise<unknown>;
  close(): Promise<unknown>;
}

export const IN_FLIGHT = 64;

/** Does something with each, so many at a time. */
export function inFlight<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  return each(items.length, (n) => act(items[n] as T));
}

/** Does something with each of the first `count`, so many at a time. */
export async function each(count: number, act: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, work));
}

export function addressOf(n: number): { readonly url: string; readonly port: number } {
  return { url: `http://${hostOf(n)}`, port: 8000 };
}

export function hostOf(n: number): string {
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}

/** By the host in its url. */
export function numberOf({ url }: { readonly url: string }): number {
  const [, high = 0, middle = 0, low = 0] = url.slice('http://'.length).split('.').map(Number);
  return (high << 16) | (middle << 8) | low;
}

/** The same of a backend that our registries keep. */
export interface Document {
  readonly url: string;
  readonly port: number;
  health: boolean;
  in_flight_requests: number;
  readonly [field: string]: unknown;
}

export function documentOf(n: number): Document {
  return {
    ...addressOf(n),
    health: true,
    in_flight_requests: 10,
    rif_avg_latency: 150.5,
    overall_avg_latency: 145.2,
    draining: false,
    metrics_updated_at_ms: 1_790_000_000_123,
    version: 1_790_000_000_123_456,
    registered_at_ms: 1_790_000_000_123,
    incarnation: '9f86d081884c7d65',
    weight: 1,
    zone: 'eu-1',
    metadata: { team: 'search' },
  };
}
