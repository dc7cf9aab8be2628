/**
 * What anybody writes first, and this project began as: one key for the document, one for the heartbeat; to list, look for the keys and get each; to change, read,
 * modify and write. Whether a backend lives, each reader decides with its own clock.
 */
import { Redis } from 'ioredis';
import { startRedis } from '../servers/redis.ts';
import { type Document, documentOf, each, numberOf, type Session, type SessionOptions, type System } from './system.ts';

export const naive: System = {
  name: 'naive: SCAN and GET',
  kind: 'peer',
  module: import.meta.url,
  about: 'ioredis 6, written for this comparison: one `GET` after the other for each key that `SCAN` finds',
  cannot: { watch: 'nobody is told: ask again' },
  redis: true,
  tells: false,
  start: (options) => startRedis(options),
  open: (url, options) => open(url, options, scan, getEach),
};

export const naiveTogether: System = {
  ...naive,
  name: 'naive: SCAN and MGET',
  about:
    'the same, but all that `SCAN` finds is read with one `MGET`, and what is called in one turn is written together (`enableAutoPipelining`)',
  open: (url, options) => open(url, options, scan, getAll, true),
};

const AS_BEFORE = 'as with SCAN';

export const naiveKeys: System = {
  ...naive,
  name: 'naive: KEYS and GET',
  about:
    'what this project began as: `KEYS`, which goes through all keys of the server while nobody else is served, then one `GET` after the other; all but the list is as with `SCAN`',
  cannot: {
    register: AS_BEFORE,
    heartbeat: AS_BEFORE,
    heartbeatAll: AS_BEFORE,
    update: AS_BEFORE,
    watch: AS_BEFORE,
    announce: AS_BEFORE,
  },
  open: (url, options) => open(url, options, (client, pattern) => client.keys(pattern), getEach),
};

type Find = (client: Redis, pattern: string) => Promise<string[]>;

async function scan(client: Redis, pattern: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, found] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
    cursor = next;
    keys.push(...found);
  } while (cursor !== '0');
  return keys;
}

type Read = (client: Redis, keys: readonly string[]) => Promise<(string | null)[]>;

async function getEach(client: Redis, keys: readonly string[]): Promise<(string | null)[]> {
  const values: (string | null)[] = [];
  for (const key of keys) values.push(await client.get(key));
  return values;
}

async function getAll(client: Redis, keys: readonly string[]): Promise<(string | null)[]> {
  return keys.length === 0 ? [] : client.mget(...keys);
}

async function open(
  url: string,
  { space, leaseMs }: SessionOptions,
  find: Find,
  read: Read,
  enableAutoPipelining = false,
): Promise<Session> {
  const client = new Redis(url, { enableAutoPipelining });
  client.on('error', () => undefined);
  await client.ping();
  const timers: NodeJS.Timeout[] = [];
  const documentKey = (n: number) => `${space}:backend:${n}`;
  const beatKey = (n: number) => `${space}:heartbeat:${n}`;
  const now = () => String(Date.now() / 1_000);

  const register = async (n: number) => {
    await Promise.all([client.set(documentKey(n), JSON.stringify(documentOf(n))), client.set(beatKey(n), now())]);
  };
  const heartbeat = (n: number) => client.set(beatKey(n), now());
  const listed = async () => {
    const keys = await find(client, `${space}:backend:*`);
    const documents = (await read(client, keys)).map((text): Document => JSON.parse(text ?? '{}'));
    const beats = await read(
      client,
      keys.map((key) => key.replace(':backend:', ':heartbeat:')),
    );
    return documents.filter((_, at) => Date.now() - Number(beats[at]) * 1_000 < leaseMs);
  };

  return {
    fill: (count) => each(count, register),
    register,
    heartbeat,
    async heartbeatAll(count) {
      const beat = now();
      await client.mset(Array.from({ length: count }, (_, n) => [beatKey(n), beat]).flat());
    },
    list: async () => (await listed()).length,
    async update(n) {
      const document: Document = JSON.parse((await client.get(documentKey(n))) ?? '{}');
      document.health = !document.health;
      await client.set(documentKey(n), JSON.stringify(document));
    },
    async announce(n) {
      await register(n);
      timers.push(setInterval(() => void heartbeat(n).catch(() => undefined), leaseMs / 3));
    },
    live: async () => new Set((await listed()).map(numberOf)),
    async close() {
      for (const timer of timers) clearInterval(timer);
      client.disconnect();
    },
  };
}
