/** The limit: a client, and a socket, that do the least the job could need. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { startRedis } from '../servers/redis.ts';
import { type Document, documentOf, each, numberOf, type Session, type SessionOptions, type System } from './system.ts';

const BEAT = '1694234567.123456';
const AS_ABOVE = 'as above';

export const rawClient: System = {
  name: 'limit: ioredis',
  kind: 'limit',
  module: import.meta.url,
  about:
    'ioredis 6: `SET` of a document to register, `SET` of a time for a heartbeat, `MSET` for many, `MGET` by known keys and `JSON.parse` to list, `PUBLISH` and `SUBSCRIBE` to watch; to be kept registered, a key that expires (`SET … PX`), set again three times a lease, and `KEYS` to see who is left',
  cannot: {},
  redis: true,
  tells: false,
  start: (options) => startRedis(options),
  open: (url, options) => open(url, options),
};

async function open(url: string, { space, leaseMs }: SessionOptions, enableAutoPipelining = false): Promise<Session> {
  const [client, listening] = [new Redis(url, { enableAutoPipelining }), new Redis(url)];
  for (const each of [client, listening]) each.on('error', () => undefined);
  await Promise.all([client.ping(), listening.ping()]);
  const timers: NodeJS.Timeout[] = [];
  const keys: string[] = [];
  const beats: string[] = [];
  const session: Session = {
    async fill(count) {
      keys.length = 0;
      beats.length = 0;
      for (let n = 0; n < count; n += 1) {
        keys.push(`${space}:${n}`);
        beats.push(`${space}:beat:${n}`, BEAT);
      }
      await each(count, (n) => client.set(`${space}:${n}`, JSON.stringify(documentOf(n))));
      for (let first = 0; first < beats.length; first += 2_000) await client.mset(beats.slice(first, first + 2_000));
    },
    register: (n) => client.set(`${space}:${n}`, JSON.stringify(documentOf(n))),
    heartbeat: (n) => client.set(`${space}:beat:${n}`, BEAT),
    heartbeatAll: () => client.mset(beats),
    async list() {
      const documents = (await client.mget(keys)).map((text): Document => JSON.parse(text ?? ''));
      return documents.length;
    },
    update: (n) => client.set(`${space}:${n}`, JSON.stringify(documentOf(n))),
    change: (n) => client.publish(space, JSON.stringify(documentOf(n))),
    async watch({ seen }) {
      listening.on('message', (_, text) => seen(numberOf(JSON.parse(text) as Document)));
      await listening.subscribe(space);
    },
    async announce(n) {
      const beat = () => client.set(`${space}:beat:${n}`, BEAT, 'PX', leaseMs);
      await beat();
      timers.push(setInterval(() => void beat().catch(() => undefined), leaseMs / 3));
    },
    async live() {
      const left = await client.keys(`${space}:beat:*`);
      return new Set(left.map((key) => Number(key.slice(key.lastIndexOf(':') + 1))));
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      for (const each of [client, listening]) each.disconnect();
    },
  };
  return session;
}

/** The same, its commands of one turn written together. */
export const rawPipelined: System = {
  ...rawClient,
  name: 'limit: ioredis, pipelined',
  about: 'the same client with `enableAutoPipelining`: what is called in one turn is written together',
  cannot: { list: AS_ABOVE, firstList: AS_ABOVE, watch: AS_ABOVE, announce: AS_ABOVE },
  open: (url, options) => open(url, options, true),
};

/** For whoever has listed before: to learn that nothing has changed takes one question at the least. */
export const rawCopy: System = {
  ...rawClient,
  name: 'limit: ioredis that keeps a copy',
  about: 'the same client, `PING` and the copy of an array that it has already',
  cannot: {
    register: AS_ABOVE,
    heartbeat: AS_ABOVE,
    heartbeatAll: AS_ABOVE,
    update: AS_ABOVE,
    firstList: 'has no copy yet',
    watch: AS_ABOVE,
    announce: AS_ABOVE,
  },
  async open(url) {
    const client = new Redis(url);
    let documents: Document[] = [];
    return {
      async fill(count) {
        documents = Array.from({ length: count }, (_, n) => documentOf(n));
      },
      async list() {
        await client.ping();
        return documents.slice().length;
      },
      async close() {
        client.disconnect();
      },
    };
  },
};

export const rawSocket: System = {
  name: 'limit: socket',
  kind: 'limit',
  module: import.meta.url,
  about:
    'the same commands over a bare socket, encoded beforehand; replies are counted, and none is read but what a watcher is told',
  cannot: { announce: 'no faster than with the client: a key expires when it does' },
  redis: true,
  tells: false,
  start: (options) => startRedis(options),
  async open(url, { space }) {
    const socket = await connected(url);
    const line = new Line(socket);
    let listening: Socket | undefined;
    let all: Buffer = Buffer.alloc(0);
    let mget: Buffer = Buffer.alloc(0);
    let listed = 0;
    let size = 0;
    let [registers, beats]: [Buffer[], Buffer[]] = [[], []];
    const registering = (n: number) => command('SET', `${space}:${n}`, JSON.stringify(documentOf(n)));
    const session: Session = {
      async fill(count) {
        const numbers = Array.from({ length: count }, (_, n) => n);
        // Of an empty store, those that are registered later: what is measured then is not this.
        registers = Array.from({ length: count === 0 ? MOST : count }, (_, n) => registering(n));
        beats = numbers.map((n) => command('SET', `${space}:beat:${n}`, BEAT));
        all = command('MSET', ...numbers.flatMap((n) => [`${space}:beat:${n}`, BEAT]));
        mget = command('MGET', ...numbers.map((n) => `${space}:${n}`));
        listed = count;
        size = numbers.reduce((sum, n) => sum + bulk(JSON.stringify(documentOf(n))).length, `*${count}\r\n`.length);
        await each(count, (n) => line.ask(registers[n] as Buffer, OK));
      },
      register: (n) => line.ask(registers[n % MOST] as Buffer, OK),
      update: (n) => line.ask(registers[n] as Buffer, OK),
      heartbeat: (n) => line.ask(beats[n] as Buffer, OK),
      heartbeatAll: () => line.ask(all, OK),
      async list() {
        await line.ask(mget, size);
        return listed;
      },
      // One that hears it: the reply is their number.
      change: (n) => line.ask(command('PUBLISH', space, JSON.stringify(documentOf(n))), ONE),
      async watch({ seen }) {
        listening = await connected(url);
        listening.write(command('SUBSCRIBE', space));
        await once(listening, 'data');
        let told = '';
        listening.on('data', (chunk) => {
          told += chunk;
          // A message ends with its document, which is one line.
          const lines = told.split('\r\n');
          told = lines.pop() ?? '';
          for (const text of lines) if (text.startsWith('{')) seen(numberOf(JSON.parse(text) as Document));
        });
      },
      async close() {
        for (const each of [socket, listening]) each?.destroy();
      },
    };
    return session;
  },
};

/** Of registrations that are encoded beforehand: more than there is time for. */
const MOST = 150_000;

const OK = '+OK\r\n'.length;
const ONE = ':1\r\n'.length;

/** Requests in order, each with the length of its reply. */
class Line {
  readonly #socket: Socket;
  readonly #waiting: { size: number; resolve: (value: unknown) => void }[] = [];
  #first = 0;
  #received = 0;
  #pending: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk.length));
  }

  /** What is asked in one turn of the event loop is written at once. */
  ask(request: Buffer, size: number): Promise<unknown> {
    if (this.#pending.length === 0) queueMicrotask(() => this.#flush());
    this.#pending.push(request);
    return new Promise((resolve) => this.#waiting.push({ size, resolve }));
  }

  #flush(): void {
    this.#socket.write(this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending));
    this.#pending = [];
  }

  #read(bytes: number): void {
    this.#received += bytes;
    for (;;) {
      const next = this.#waiting[this.#first];
      if (next === undefined || next.size > this.#received) break;
      this.#received -= next.size;
      this.#first += 1;
      next.resolve(undefined);
    }
    if (this.#first === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#first = 0;
    }
  }
}

async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function command(...parts: readonly string[]): Buffer {
  return Buffer.from(`*${parts.length}\r\n${parts.map(bulk).join('')}`);
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}
