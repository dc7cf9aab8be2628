/** What every Redis adapter does with its options before it has a client. */
import type { RegistryOptions } from '../contract.ts';
import { misconfigured, RegistryError } from '../error.ts';
import { readSettings } from '../input.ts';

/** Where a node of a Cluster, or a Sentinel, listens. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** What is left for the client, of each kind of options. */
export type ClientOptions<T> = T extends unknown ? Omit<T, keyof RegistryOptions> : never;

/** One of several kinds of options: it says where Redis is in one way. @template Place options that not every kind has */
export type OneOf<T, Place extends string = 'client' | 'cluster' | 'sentinel' | 'url' | 'db'> = T extends unknown
  ? T & { readonly [Other in Exclude<Place, keyof T>]?: never }
  : never;

/** The names of the options that every registry has. */
export const OURS: readonly string[] = Object.keys({
  heartbeatTimeoutMs: true,
  keyPrefix: true,
  commandTimeoutMs: true,
  schemes: true,
  onCorrupt: true,
} satisfies Record<keyof RegistryOptions, true>);
/** Each says where Redis is. */
const PLACES = ['client', 'cluster', 'sentinel', 'sentinels', 'url'] as const;

/** What the options of other clients are called here: a client ignores those that it does not have, and would go to localhost. */
export type Foreign = Readonly<Record<string, string>>;

/**
 * Parts the registry's own options from those of the client. What cannot be meant is a `CONFIGURATION` error; the client's own options are the client's to
 * judge.
 */
export function splitOptions<T extends RegistryOptions>(
  options: T,
  foreign: Foreign,
): readonly [RegistryOptions, ClientOptions<T>] {
  if (typeof options !== 'object' || options === null)
    throw wrong('options must be an object, like { url: "redis://localhost:6379" }');
  if ('evalsha' in options || 'evalSha' in options) throw wrong('a client is given as { client }');
  const ours: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    checkName(name);
    const known = value !== undefined && Object.hasOwn(foreign, name) ? foreign[name] : undefined;
    if (known !== undefined) throw wrong(`${name} is none: ${known} is`);
    if (!isOneOf(OURS, name)) rest[name] = value;
    else if (value !== undefined) ours[name] = value;
  }
  checkPlace(rest);
  // Before there is a client that nobody would close.
  readSettings(ours);
  return [ours, rest as ClientOptions<T>];
}

function checkName(name: string): void {
  const meant = [...OURS, ...PLACES, 'db'].find((known) => plain(known) === plain(name)) ?? name;
  // ioredis has an option of this name.
  if (meant !== name && name !== 'commandTimeout') throw wrong(`${name} is none: ${meant} is`);
  if (name === 'token') throw wrong('token is one of Upstash: in a Redis url it is the password');
}

/** A name without what is easily got wrong: capitals, what parts its words, and the unit. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]|ms$/g, '');
}

function checkPlace(options: Readonly<Record<string, unknown>>): void {
  const { client, cluster, sentinel, db, database } = options;
  const given = Object.keys(options).filter((name) => options[name] !== undefined);
  const places = given.filter((name) => isOneOf(PLACES, name));
  if (places.length > 1) throw wrong(`each of ${places.join(' and ')} says where Redis is: give one`);
  const [other] = given.filter((name) => name !== 'client');
  if (client !== undefined && other !== undefined) throw wrong(`${other} stands beside client, which is used as it is`);
  if (db !== undefined && database !== undefined) throw wrong('db and database are the same: give one');
  if (db !== undefined && !isCount(db)) throw misconfigured('db', db, 'it must be a whole number of at least 0');
  if ('cluster' in options) {
    if (!isNodes(cluster)) throw misconfigured('cluster', cluster, NODES);
    if (db !== undefined && db !== 0) throw misconfigured('db', db, 'a Cluster has only the database 0');
  }
  if ('sentinel' in options) {
    const { name, nodes } = Object(sentinel) as { name?: unknown; nodes?: unknown };
    if (typeof name !== 'string' || name === '')
      throw misconfigured('sentinel.name', name, 'it must be the name of the master, like "mymaster"');
    if (!isNodes(nodes)) throw misconfigured('sentinel.nodes', nodes, NODES);
  }
}

const NODES = 'it must be a list of at least one { host: "localhost", port: 6379 }';

function isNodes(value: unknown): value is readonly RedisNode[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((node) => typeof node?.host === 'string' && node.host !== '' && isCount(node.port))
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** The values are left out: they can hold a password. */
function wrong(what: string): RegistryError {
  return new RegistryError('CONFIGURATION', `Invalid option: ${what}.`);
}

/** On a Cluster all keys of a registry must be in one slot: the prefix has a hash tag, by default `{backend-registry}:`. */
export function withHashTag(options: RegistryOptions): RegistryOptions {
  const { keyPrefix = '{backend-registry}:' } = options;
  // What stands between the first "{" and the next "}".
  if (/^[^{]*\{[^}]+\}/.test(keyPrefix)) return { ...options, keyPrefix };
  const name = String(keyPrefix).replace(/[{}:]+/g, '') || 'backend-registry';
  throw misconfigured(
    'keyPrefix',
    keyPrefix,
    `on a Cluster all keys of a registry must be in one slot: give it a hash tag, like "{${name}}:"`,
  );
}

/**
 * The url of a client of our own; `undefined` where the client's options say otherwise where Redis is. No message repeats it: it may hold a password.
 *
 * @param db the database, whatever the url says; both clients let the url win
 * @param place the client's options of where Redis is, whose names are the same in both clients
 */
export function readRedisUrl(
  url: unknown,
  db: number | undefined,
  place: Readonly<Partial<Record<'host' | 'port' | 'path' | 'sentinels', unknown>>> = {},
): string | undefined {
  const [other] = (['host', 'port', 'path', 'sentinels'] as const).filter((name) => place[name] !== undefined);
  if (url === undefined && other !== undefined) return undefined;
  if (other !== undefined) throw wrong(`each of url and ${other} says where Redis is: give one`);
  const text = url === undefined ? 'redis://localhost:6379' : url;
  if (typeof text !== 'string' || !/^rediss?:\/\//.test(text) || !URL.canParse(text))
    throw wrong('url must be one that begins with "redis://" or "rediss://"');
  const parsed = new URL(text);
  for (const part of [parsed.username, parsed.password])
    if (decoded(part) === undefined) throw wrong('url has a % in its user or password that encodes nothing: write %25');
  // ioredis reads the second.
  for (const database of [parsed.pathname.slice(1), parsed.searchParams.get('db') ?? ''])
    if (!/^\d*$/.test(database))
      throw wrong('url must end with the number of its database, like "redis://localhost/1"');
  if (db === undefined) return text;
  parsed.pathname = `/${db}`;
  return parsed.href;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** How the clients call the same method, and whose they are. */
const LIBRARIES = {
  evalsha: ['ioredis', '@backend-registry/ioredis'],
  evalSha: ['node-redis', '@backend-registry/redis'],
};

/**
 * A client that a caller without types may have passed in.
 *
 * @param library its name and its oldest version
 * @param needed the methods that it must have
 */
export function checkClient(client: unknown, library: string, needed: readonly string[]): void {
  const refuse = (why: string) => wrong(`client is no client of ${library} or newer: ${why}`);
  if (typeof client !== 'object' || client === null) throw refuse('it is not an object');
  const missing = needed.filter((method) => typeof (client as Record<string, unknown>)[method] !== 'function');
  if (missing.length === 0) return;
  for (const [method, [other, adapter]] of Object.entries(LIBRARIES))
    if (method in client && !needed.includes(method)) throw refuse(`it is one of ${other}: use ${adapter}`);
  throw refuse(`it has no ${missing.join(', ')}`);
}
