/** NATS JetStream KV: a bucket whose entries last as long as a lease. */
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { startNats } from '../servers/nats.ts';
import { type Document, documentOf, each, numberOf, type Session, type System } from './system.ts';

export const nats: System = {
  name: 'NATS JetStream KV',
  kind: 'peer',
  module: import.meta.url,
  about:
    '@nats-io/kv 3.4, the bucket in memory, where it is to survive a restart in a file. A heartbeat writes the whole entry again; the server, 2.9, tells nobody when an entry has ended (it would have to be 2.11)',
  cannot: {},
  redis: false,
  tells: false,
  start: () => startNats(),
  async open(endpoint, { space, leaseMs, durable = false }) {
    const connection = await connect({ servers: endpoint, reconnect: true, maxReconnectAttempts: -1 });
    const make = () =>
      new Kvm(connection).create(space, {
        storage: durable ? 'file' : 'memory',
        history: 1,
        ttl: leaseMs,
      } as Parameters<Kvm['create']>[1]);
    let bucket = await make();
    const put = (n: number) => bucket.put(String(n), JSON.stringify(documentOf(n)));
    const timers: NodeJS.Timeout[] = [];
    const all = async () => {
      const found = new Map<number, unknown>();
      for await (const entry of await bucket.history())
        if (entry.operation === 'PUT') found.set(Number(entry.key), entry.json());
      return found;
    };
    const keys = async () => {
      const found = new Set<number>();
      for await (const key of await bucket.keys()) found.add(Number(key));
      return found;
    };
    /** As a user writes it: a bucket that the server has lost is made again, and the same is done once more. */
    const inBucket = async <T>(act: () => Promise<T>): Promise<T> => {
      try {
        return await act();
      } catch (error) {
        if (!isBucketGone(error)) throw error;
        bucket = await make();
        return await act();
      }
    };
    const session: Session = {
      fill: (count) => each(count, put),
      register: put,
      heartbeat: put,
      heartbeatAll: (count) => Promise.all(Array.from({ length: count }, (_, n) => put(n))),
      list: async () => (await all()).size,
      update: put,
      async watch({ seen }) {
        const entries = await bucket.watch({ include: 'updates' });
        void (async () => {
          // Who is told of a change has its document: all others read theirs, too.
          for await (const entry of entries) seen(numberOf(entry.json<Document>()));
        })();
      },
      async announce(n) {
        await put(n);
        timers.push(setInterval(() => void inBucket(() => put(n)).catch(() => undefined), leaseMs / 3));
      },
      /** The entries in full (`history`) are not told to be over where one was written again meanwhile, about once in a hundred times. */
      live: () => inBucket(keys),
      async close() {
        for (const timer of timers) clearInterval(timer);
        await connection.close();
      },
    };
    return session;
  },
};

/** Nobody answers a write to a bucket that is not there, which the client takes for a server without JetStream; who reads is told. */
function isBucketGone(error: unknown): boolean {
  return error instanceof Error && ['JetStreamNotEnabled', 'StreamNotFoundError'].includes(error.name);
}
