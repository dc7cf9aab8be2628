/** Plain commands to the store beside the registry, for what only an operator asks. */
import slotOf from 'cluster-key-slot';
import type { Cluster, Redis } from 'ioredis';
import { layoutOf, prefixOf } from './layout.ts';
import { DEFAULT_TIMEOUT_MS, type Place, type RedisPlace } from './place.ts';
import { connectRedis } from './store.ts';
import { printable } from './text.ts';

export interface Raw extends AsyncDisposable {
  /** Which node of a Cluster is asked. */
  readonly node?: string;
  /** One command, and what the server answers. Rejects with its error. On a Cluster, it goes to the node that has the keys of the registry. */
  call(...command: readonly (string | number)[]): Promise<unknown>;
  /**
   * One step of SCAN. The cursor is `'0'` at the beginning and at the end; what else it is, is this store's business.
   *
   * @param everywhere on all nodes of a Cluster, for keys of other registries too; without it, where the keys of this one are
   */
  scan(
    cursor: string,
    pattern: string,
    everywhere?: boolean,
  ): Promise<readonly [cursor: string, keys: readonly string[]]>;
}

/** How the place is reached over TCP, whichever adapter the registry is over. */
export function overTcp(place: Exclude<Place, { kind: 'upstash' }>): RedisPlace {
  return place.kind === 'node-redis' ? { ...place, kind: 'redis', tls: undefined } : place;
}

export async function openRaw(place: Place): Promise<Raw> {
  return place.kind === 'upstash' ? upstashRaw(place) : redisRaw(overTcp(place));
}

const STEP = 500;

/** No client bounds a server that takes connections and says nothing. */
async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function redisRaw(place: RedisPlace): Promise<Raw> {
  const client = await connectRedis(place);
  const timeoutMs = place.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  const home = 'slots' in client ? homeOf(client, place) : client;
  const ask = (of: Redis | Cluster, [name, ...args]: readonly (string | number)[]): Promise<unknown> =>
    inTime(of.call(String(name), ...args) as Promise<unknown>, timeoutMs);
  return {
    ...(home !== client && { node: nameOf(home as Redis) }),
    call: (...command) =>
      ask(home, command).catch((error: unknown) => {
        // The keys are on their way to another node.
        if (home !== client && /^(MOVED|ASK) /.test(String((error as Error).message))) return ask(client, command);
        throw error;
      }),
    async scan(cursor, pattern, everywhere = false) {
      const nodes = everywhere && 'slots' in client ? client.nodes('master') : [home];
      // `node:cursor`: one master after the other.
      const [, at = '0', from = '0'] = /^(\d+):(\d+)$/.exec(cursor) ?? [];
      const node = nodes[Number(at)];
      if (node === undefined) return ['0', []];
      const [next, keys] = await inTime(node.scan(from, 'MATCH', pattern, 'COUNT', STEP), timeoutMs);
      const following = next === '0' ? Number(at) + 1 : Number(at);
      return [following === nodes.length ? '0' : `${following}:${next}`, keys];
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
}

/**
 * The node that has the keys of the registry. A Cluster client sends what concerns no key to any of them, which tells nothing of this registry.
 */
function homeOf(cluster: Cluster, place: RedisPlace): Redis | Cluster {
  const [at] = cluster.slots[slotOf(layoutOf(prefixOf(place)).meta)] ?? [];
  return cluster.nodes('master').find((node) => nameOf(node) === at) ?? cluster;
}

function nameOf({ options: { host, port } }: Redis): string {
  return `${host}:${port}`;
}

function upstashRaw({ url, token, commandTimeoutMs = DEFAULT_TIMEOUT_MS }: Extract<Place, { kind: 'upstash' }>): Raw {
  const call = async (...command: readonly (string | number)[]): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(command),
      signal: AbortSignal.timeout(commandTimeoutMs),
    });
    const text = await response.text();
    let answer: { result?: unknown; error?: unknown };
    try {
      answer = JSON.parse(text);
    } catch (cause) {
      throw new Error(`HTTP ${response.status}, and no JSON`, { cause });
    }
    if (typeof answer.error === 'string') throw new Error(answer.error);
    return answer.result ?? null;
  };
  return {
    call,
    async scan(cursor, pattern) {
      const [next, keys] = (await call('SCAN', cursor, 'MATCH', pattern, 'COUNT', STEP)) as [string | number, string[]];
      return [String(next), keys];
    },
    async [Symbol.asyncDispose]() {
      // A request leaves nothing open.
    },
  };
}

/** What a server or a client says, without anything that could be a secret or a command: its first word in capitals, or the system's code. */
export function reasonOf(error: unknown): string {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const [word] = /^[A-Z]{2,}\b/.exec(String(message)) ?? [];
  if (word !== undefined && !/^E[A-Z]{4,}/.test(word)) return word;
  return typeof code === 'string' ? code : 'no answer';
}

export function isDenied(error: unknown): boolean {
  return /^NOPERM\b/.test(String((error as Error | null)?.message));
}

/** The first of these keys that is of another type than the registry's, and what to do about it. */
export async function intruderOf(
  raw: Raw,
  types: ReadonlyMap<string, string>,
): Promise<{ readonly message: string; readonly remedy: string } | undefined> {
  for (const [key, expected] of types) {
    const type = String(await raw.call('TYPE', key));
    if (type === 'none' || type === expected) continue;
    return {
      message: `Another program uses ${printable(key)}: it is a ${type}, and not a ${expected}.`,
      remedy: `Remove it (DEL ${printable(key)})`,
    };
  }
  return undefined;
}
