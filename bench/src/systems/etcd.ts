/** etcd: one lease for each backend, as for each process that runs. */
import { Etcd3, type Lease } from 'etcd3';
import { startEtcd } from '../servers/etcd.ts';
import { type Document, documentOf, each, numberOf, type Session, type System } from './system.ts';

export const etcd: System = {
  name: 'etcd',
  kind: 'peer',
  module: import.meta.url,
  about:
    'etcd3 1.1.2, one member, its data in memory (`/dev/shm`); it syncs every write to its log, and 3.4 has no `--unsafe-no-fsync`. A lease for each backend; many heartbeats are as many requests at once',
  cannot: {},
  redis: false,
  tells: true,
  start: () => startEtcd(),
  async open(endpoint, { space, leaseMs }) {
    const client = new Etcd3({ hosts: `http://${endpoint}` });
    const seconds = Math.ceil(leaseMs / 1_000);
    const leases = new Map<number, Lease>();
    const keyOf = (n: number) => `${space}/${String(n).padStart(7, '0')}`;
    const register = async (n: number) => {
      const lease = client.lease(seconds, { autoKeepAlive: false });
      leases.set(n, lease);
      await lease.put(keyOf(n)).value(JSON.stringify(documentOf(n)));
    };
    const heartbeat = (n: number) => (leases.get(n) as Lease).keepaliveOnce();
    const all = () => client.getAll().prefix(`${space}/`).strings();
    let closed = false;
    const session: Session = {
      fill: (count) => each(count, (n) => (leases.has(n) ? heartbeat(n) : register(n))),
      register,
      heartbeat,
      heartbeatAll: (count) => Promise.all(Array.from({ length: count }, (_, n) => heartbeat(n))),
      async list() {
        const documents = Object.values(await all()).map((text): Document => JSON.parse(text));
        return documents.length;
      },
      change: (n) =>
        client
          .put(keyOf(n))
          .value(JSON.stringify(documentOf(n)))
          .exec(),
      async watch({ seen, gone }) {
        const watcher = await client.watch().prefix(`${space}/`).create();
        watcher.on('put', ({ value }) => seen(numberOf(JSON.parse(value.toString()) as Document)));
        watcher.on('delete', ({ key }) => gone(Number(key.toString().split('/').at(-1))));
      },
      /** As its manual says: a lease that was lost is granted again. */
      async announce(n) {
        const grant = async (): Promise<void> => {
          const lease = client.lease(seconds);
          leases.set(n, lease);
          lease.on('lost', () => {
            if (!closed) void grant().catch(() => undefined);
          });
          await lease.put(keyOf(n)).value(JSON.stringify(documentOf(n)));
        };
        await grant();
      },
      async live() {
        return new Set(Object.keys(await all()).map((key) => Number(key.split('/').at(-1))));
      },
      async close() {
        closed = true;
        client.close();
      },
    };
    return session;
  },
};
