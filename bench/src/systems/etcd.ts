/** etcd: one lease for each backend, as for each process that runs. */
import { Etcd3, type IDuplexStream, type ILeaseKeepAliveRequest, type ILeaseKeepAliveResponse } from 'etcd3';
import { startEtcd } from '../servers/etcd.ts';
import { type Document, documentOf, each, numberOf, type Session, type System } from './system.ts';

export const etcd: System = {
  name: 'etcd',
  kind: 'peer',
  module: import.meta.url,
  about:
    'etcd3 1.1.2, one member, its data in memory (`/dev/shm`); it syncs every write to its log, and 3.4 has no `--unsafe-no-fsync`. A lease for each backend; the heartbeats of all go through one `LeaseKeepAlive` stream of etcd3, many at once as so many messages. Who announces leaves that to `Lease` of etcd3, a stream for each',
  cannot: {},
  redis: false,
  tells: true,
  start: () => startEtcd(),
  async open(endpoint, { space, leaseMs }) {
    const client = new Etcd3({ hosts: `http://${endpoint}` });
    const seconds = Math.ceil(leaseMs / 1_000);
    const leases = new Map<number, string>();
    const heartbeats = new Heartbeats(client);
    const keyOf = (n: number) => `${space}/${String(n).padStart(7, '0')}`;
    const register = async (n: number) => {
      const lease = client.lease(seconds, { autoKeepAlive: false });
      await lease.put(keyOf(n)).value(JSON.stringify(documentOf(n)));
      leases.set(n, await lease.grant());
    };
    const heartbeat = (n: number) => heartbeats.send(leases.get(n) as string);
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
      update: (n) =>
        client
          .put(keyOf(n))
          .value(JSON.stringify(documentOf(n)))
          .lease(leases.get(n) ?? '0')
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
        await heartbeats.end();
        client.close();
      },
    };
    return session;
  },
};

type Stream = IDuplexStream<ILeaseKeepAliveRequest, ILeaseKeepAliveResponse>;

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** One stream for the heartbeats of all leases of a client. When it has failed, the next heartbeat makes another one. */
class Heartbeats {
  readonly #client: Etcd3;
  #line: Promise<Line> | undefined;

  constructor(client: Etcd3) {
    this.#client = client;
  }

  /** Rejects when the lease is over, or when the stream fails before it is answered. */
  async send(lease: string): Promise<unknown> {
    this.#line ??= this.#open();
    return (await this.#line).send(lease);
  }

  async end(): Promise<void> {
    (await this.#line)?.end();
  }

  async #open(): Promise<Line> {
    const over = () => {
      this.#line = undefined;
    };
    try {
      return new Line(await this.#client.leaseClient.leaseKeepAlive(), over);
    } catch (error) {
      over();
      throw error;
    }
  }
}

/** Such a stream, until it fails. */
class Line {
  readonly #stream: Stream;
  readonly #over: () => void;
  /** By lease: what was sent first is answered first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #failed: Error | undefined;

  constructor(stream: Stream, over: () => void) {
    this.#stream = stream;
    this.#over = over;
    stream.on('data', (answer) => this.#answered(answer));
    stream.on('error', (error) => this.#fail(error));
    stream.on('end', () => this.#fail(new Error('etcd has ended the stream')));
  }

  send(lease: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failed !== undefined) throw this.#failed;
      const others = this.#waiting.get(lease);
      if (others === undefined) this.#waiting.set(lease, [{ resolve, reject }]);
      else others.push({ resolve, reject });
      this.#stream.write({ ID: lease });
    });
  }

  end(): void {
    this.#stream.end();
  }

  #answered(answer: ILeaseKeepAliveResponse): void {
    const { ID: lease, TTL: left } = answer;
    const waiting = this.#waiting.get(lease) ?? [];
    const first = waiting.shift();
    if (waiting.length === 0) this.#waiting.delete(lease);
    if (left === '0') first?.reject(new Error(`The lease ${lease} is over`));
    else first?.resolve(answer);
  }

  /** Once: a stream that has failed also ends, and there may be another one by then. */
  #fail(error: Error): void {
    if (this.#failed !== undefined) return;
    this.#failed = error;
    this.#over();
    for (const { reject } of [...this.#waiting.values()].flat()) reject(error);
    this.#waiting.clear();
  }
}
