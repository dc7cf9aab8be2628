/** ZooKeeper: an ephemeral node for each backend, which lives as long as the session of its client. */
import { setTimeout as sleep } from 'node:timers/promises';
import zookeeper, { type Client } from 'node-zookeeper-client';
import { startZooKeeper } from '../servers/zookeeper.ts';
import { documentOf, each, type Session, type System } from './system.ts';

const { CreateMode } = zookeeper;

export const zooKeeper: System = {
  name: 'ZooKeeper',
  kind: 'peer',
  module: import.meta.url,
  about:
    'node-zookeeper-client 1.1.3, one server, its data in memory (`/dev/shm`), `forceSync=no`; ticks of 500 ms, so that sessions end early. An ephemeral node for each backend, all of one client in its session',
  cannot: {
    heartbeat: 'the client beats by itself, once for its whole session',
    heartbeatAll: 'one ping renews all that a session has',
  },
  redis: false,
  tells: true,
  // Its JVM compiles while it runs.
  warmUpMs: 3_000,
  start: () => startZooKeeper(),
  async open(endpoint, { space, leaseMs }) {
    let client = await connect(endpoint, leaseMs);
    const root = `/${space}`;
    const made = new Set<number>();
    const announced = new Set<number>();
    let closed = false;
    await done((callback) => client.mkdirp(root, callback));
    again();

    const pathOf = (n: number) => `${root}/${String(n).padStart(7, '0')}`;
    const dataOf = (n: number) => Buffer.from(JSON.stringify(documentOf(n)));
    const create = (n: number) =>
      done((callback) => client.create(pathOf(n), dataOf(n), CreateMode.EPHEMERAL, callback));
    const register = async (n: number) => {
      if (made.has(n)) await done((callback) => client.remove(pathOf(n), -1, callback));
      made.add(n);
      await create(n);
    };
    const children = () => done<string[]>((callback) => client.getChildren(root, callback));
    const read = (name: string) => done<Buffer>((callback) => client.getData(`${root}/${name}`, callback));

    const session: Session = {
      fill: (count) => each(count, async (n) => (made.has(n) ? undefined : register(n))),
      register,
      async list() {
        const names = await children();
        await each(names.length, async (at) => JSON.parse(String(await read(names[at] as string))));
        return names.length;
      },
      update: (n) => done((callback) => client.setData(pathOf(n), dataOf(n), -1, callback)),
      /** A watch fires once, and is set again with the next read. */
      async watch({ seen, gone }) {
        let known = new Set<string>();
        const follow = (name: string): Promise<unknown> =>
          done((callback) =>
            client.getData(
              `${root}/${name}`,
              ({ name: event }) => {
                if (event === 'NODE_DATA_CHANGED')
                  void follow(name).then(
                    () => seen(Number(name)),
                    () => undefined,
                  );
              },
              callback,
            ),
          );
        const look = async (): Promise<void> => {
          const names = await done<string[]>((callback) =>
            client.getChildren(root, () => void look().catch(() => undefined), callback),
          );
          const found = new Set(names);
          for (const name of known) if (!found.has(name)) gone(Number(name));
          const fresh = names.filter((name) => !known.has(name));
          known = found;
          await each(fresh.length, (at) => follow(fresh[at] as string).catch(() => undefined));
        };
        await look();
      },
      /** As its manual says: when the session has expired, there is a new client, and everything is made again. */
      async announce(n) {
        announced.add(n);
        await create(n);
      },
      async live() {
        return new Set((await children()).map(Number));
      },
      async close() {
        closed = true;
        client.close();
      },
    };
    return session;

    function again(): void {
      client.on('expired', () => void renew());
    }

    async function renew(): Promise<void> {
      while (!closed) {
        try {
          client = await connect(endpoint, leaseMs);
          again();
          await done((callback) => client.mkdirp(root, callback));
          for (const n of announced) await create(n);
          return;
        } catch {
          await sleep(200);
        }
      }
    }
  },
};

/** A client that has not connected after so long is made anew. */
const CONNECT_MS = 5_000;

async function connect(endpoint: string, sessionTimeout: number): Promise<Client> {
  for (;;) {
    const client = zookeeper.createClient(endpoint, { sessionTimeout, spinDelay: 100, retries: 0 });
    const connected = new Promise<boolean>((resolve) => client.once('connected', () => resolve(true)));
    client.connect();
    if (await Promise.race([connected, sleep(CONNECT_MS, false)])) return client;
    client.close();
  }
}

/** The client calls back with an error, or with nothing and the result. */
function done<T>(call: (callback: (error: unknown, value?: unknown) => void) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    call((error, value) => (error === null || error === undefined ? resolve(value as T) : reject(error))),
  );
}
