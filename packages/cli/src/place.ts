/** Where the registry is: read from the options of a command and the environment, before anything connects. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { RedisNode } from '@backend-registry/core/redis';
import { readDuration } from './duration.ts';
import { quoted, UsageError } from './failure.ts';

/** What every command that needs a registry can be given. */
export interface PlaceOptions {
  readonly registry?: string;
  readonly prefix?: string;
  readonly db?: string;
  readonly token?: string;
  readonly cluster?: boolean;
  readonly sentinel?: string;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly timeout?: string;
}

export interface Tls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized?: boolean;
}

interface Common {
  readonly keyPrefix: string | undefined;
  readonly commandTimeoutMs: number | undefined;
  /** For people: without a secret. */
  readonly shown: string;
  /** Of a move: its options begin with this. */
  readonly side: 'from' | 'to' | undefined;
}

/** Redis over TCP, by the ioredis that comes with this program. */
export type RedisPlace = Common &
  (
    | { readonly kind: 'redis'; readonly url: string; readonly db: number | undefined; readonly tls: Tls | undefined }
    | { readonly kind: 'sentinel'; readonly name: string; readonly nodes: readonly RedisNode[]; readonly login: Login }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[]; readonly login: Login }
  );

export type Place =
  | RedisPlace
  | (Common & { readonly kind: 'upstash'; readonly url: string; readonly token: string })
  /** Over the adapter for node-redis, where the environment asks for it. */
  | (Common & { readonly kind: 'node-redis'; readonly url: string; readonly db: number | undefined });

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: Tls;
}

/** The deadline of a call where nothing else is said: the registry's own. */
export const DEFAULT_TIMEOUT_MS = 2_000;

type Variables = Readonly<Record<string, string | undefined>>;

const TYPES = ['redis', 'ioredis', 'node-redis', 'upstash'];
const LOCAL = 'redis://localhost:6379';

/**
 * Options win over variables. What cannot be meant is a {@link UsageError} that names the option or the variable.
 *
 * @param side of a move
 */
export function readPlace(options: PlaceOptions, env: Variables, side?: 'from' | 'to'): Place {
  const type = readType(options, env);
  if (options.registry?.trim() === '')
    throw new UsageError('--registry is empty: give it an address, or leave it out.');
  if (options.prefix === '') throw new UsageError('--prefix is empty: leave it out.');
  // What looks like one may have a password in it, and is not repeated.
  if (ADDRESS.test(options.prefix ?? '')) throw new UsageError('--prefix is an address: those stand in --registry.');
  if (/[@/]/.test(options.sentinel ?? ''))
    throw new UsageError('--sentinel is an address, and not the name of a master: those stand in --registry.');
  const common = {
    keyPrefix: options.prefix,
    commandTimeoutMs: options.timeout === undefined ? undefined : readTimeout(options.timeout),
    side,
  };
  if (type === 'upstash') return { ...common, ...readUpstash(options, env) };
  const [source, url] = firstOf([
    ['--registry', options.registry],
    ['REDIS_URL', env.REDIS_URL],
    ['--registry', LOCAL],
  ]);
  const place = readRedis(url, source, options, env);
  if (type !== 'node-redis') return { ...common, ...place };
  if (place.kind !== 'redis' || place.tls !== undefined)
    throw new UsageError(
      'REGISTRY_TYPE is node-redis, which takes a plain url here: for a Cluster, a Sentinel or certificates, set REGISTRY_TYPE=ioredis.',
    );
  return { ...common, kind: 'node-redis', url: place.url, db: place.db, shown: place.shown };
}

/** A url, or what was meant to be one: its scheme with one slash or without the colon, or what stands before `@host:port`. */
const ADDRESS = /:\/\/|^(rediss?|https?):\/|^(rediss?|https?)\/.*@|@(\[[\da-f:.]+\]|[\w.-]+):\d+/i;

/** No timer of Node waits longer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

function readTimeout(text: string): number {
  const ms = readDuration(text, '--timeout');
  if (ms <= LONGEST_TIMEOUT_MS) return ms;
  throw new UsageError(`--timeout is ${quoted(text)}: it must be no more than 24 days.`);
}

function readType({ registry }: PlaceOptions, env: Variables): string {
  const type = present(env.REGISTRY_TYPE);
  if (registry !== undefined) {
    if (/^https?:\/\//i.test(registry)) return 'upstash';
    return type === 'node-redis' ? type : 'redis';
  }
  if (type === 'memory')
    throw new UsageError(
      'REGISTRY_TYPE is memory: such a registry lives in the memory of its own process, and no other can look into it. Name another one with --registry.',
    );
  if (type !== undefined && !TYPES.includes(type))
    throw new UsageError(`REGISTRY_TYPE is ${quoted(type)}: it must be one of ${TYPES.join(', ')}.`);
  if (type !== undefined) return type;
  return present(env.REDIS_URL) === undefined && present(env.UPSTASH_REDIS_REST_URL) !== undefined
    ? 'upstash'
    : 'redis';
}

function readUpstash(
  options: PlaceOptions,
  env: Variables,
): { kind: 'upstash'; url: string; token: string; shown: string } {
  for (const name of ['db', 'sentinel', 'cacert', 'cert', 'key'] as const)
    if (options[name] !== undefined) throw new UsageError(`--${name} is for Redis over TCP: Upstash has none.`);
  if (options.cluster === true || options.insecure === true)
    throw new UsageError('--cluster and --insecure are for Redis over TCP: Upstash has neither.');
  const [source, url] = firstOf([
    ['--registry', options.registry],
    ['UPSTASH_REDIS_REST_URL', env.UPSTASH_REDIS_REST_URL],
  ]);
  if (/^http:/i.test(url) && !LOOPBACK.test(URL.canParse(url) ? new URL(url).hostname : ''))
    throw new UsageError(
      `${source} begins with http://, which would show the token to everybody on the way: Upstash is https://, and a Redis redis:// or rediss://.`,
    );
  if (url === '') throw new UsageError('UPSTASH_REDIS_REST_URL is not set: set it, or give --registry https://….');
  const token = present(options.token) ?? present(env.UPSTASH_REDIS_REST_TOKEN);
  if (token === undefined)
    throw new UsageError(
      'There is no token for Upstash: set UPSTASH_REDIS_REST_TOKEN, which no other program sees, or give --token.',
    );
  return { kind: 'upstash', url, token, shown: URL.canParse(url) ? new URL(url).origin : 'Upstash' };
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/i;

const REDIS_URL = /^(rediss?):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/(\d*))?$/i;

function readRedis(url: string, source: string, options: PlaceOptions, env: Variables) {
  // Nothing of it is repeated: it may hold a password wherever it is wrong.
  const [, scheme = '', credentials = '', hosts = '', path = ''] = REDIS_URL.exec(url) ?? [];
  if (scheme === '')
    throw new UsageError(
      `${source} is no address of a registry: write redis://[user:password@]host[:port][/db], rediss://… for TLS, or https://… for Upstash. In a password, / ? # and @ are written %2F, %3F, %23 and %40.`,
    );
  if (options.token !== undefined) throw new UsageError('--token is for Upstash: in a Redis url it is the password.');
  const secure = scheme.toLowerCase() === 'rediss';
  const tls = secure ? readTls(options) : undefined;
  if (!secure && (options.cacert ?? options.cert ?? options.key ?? options.insecure) !== undefined)
    throw new UsageError(`--cacert, --cert, --key and --insecure are for TLS: begin the url with rediss://.`);
  const db = readDb(options, env, path);
  const nodes = hosts.split(',').map((host) => readNode(host, options.sentinel === undefined ? 6379 : 26379, source));
  const list = nodes.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)).join(',');
  const shown = `${scheme.toLowerCase()}://${list}${db === undefined || db === 0 ? '' : `/${db}`}`;
  if (options.cluster === true && options.sentinel !== undefined)
    throw new UsageError('--cluster and --sentinel each say what the hosts are: give one.');
  const login = readLogin(credentials, source, db, tls);
  if (options.sentinel !== undefined)
    return { kind: 'sentinel' as const, name: options.sentinel, nodes, login, shown: `${shown} (${options.sentinel})` };
  if (options.cluster === true) {
    if (db !== undefined && db !== 0) throw new UsageError('A Cluster has only the database 0.');
    return { kind: 'cluster' as const, nodes, login, shown };
  }
  if (nodes.length > 1)
    throw new UsageError(`${source} names several hosts: say what they are, with --cluster or --sentinel NAME.`);
  return { kind: 'redis' as const, url, db, tls: hasOptions(tls) ? tls : undefined, shown };
}

function hasOptions(tls: Tls | undefined): boolean {
  return tls !== undefined && Object.keys(tls).length > 0;
}

function readDb(options: PlaceOptions, env: Variables, path: string): number | undefined {
  const [source, text] = firstOf([
    ['--db', options.db],
    // As for the factory; but the url that was typed says more than the environment.
    ['REDIS_DB', options.registry === undefined ? env.REDIS_DB : undefined],
    ['the url', path],
  ]);
  if (text === '') return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new UsageError(
      `${source === 'the url' ? 'What the url ends in' : source} must be the number of a database: a whole number, 0 or more.`,
    );
  return Number(text);
}

function readNode(text: string, defaultPort: number, source: string): RedisNode {
  const [, bracketed, plain = '', port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d+))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === '' || !(number >= 1 && number <= 65_535))
    throw new UsageError(
      `${source} has a host that is none: write host or host:port, and an IPv6 address in brackets.`,
    );
  return { host, port: number };
}

function readLogin(credentials: string, source: string, db: number | undefined, tls: Tls | undefined): Login {
  const colon = credentials.indexOf(':');
  const [username, password] =
    colon === -1 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  const decoded = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch (cause) {
      throw new UsageError(`${source}: its user or password is not percent-encoded as a url must be.`, { cause });
    }
  };
  return {
    ...(username !== '' && { username: decoded(username) }),
    ...(password !== '' && { password: decoded(password) }),
    ...(db !== undefined && { db }),
    ...(tls !== undefined && { tls }),
  };
}

function readTls({ cacert, cert, key, insecure }: PlaceOptions): Tls {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--cert and --key go together: give both, or neither.');
  const tls: Tls = {
    ...(cacert !== undefined && { ca: readFile(cacert, '--cacert') }),
    ...(cert !== undefined && { cert: readFile(cert, '--cert') }),
    ...(key !== undefined && { key: readFile(key, '--key') }),
    ...(insecure === true && { rejectUnauthorized: false }),
  };
  if (cacert !== undefined && !String(tls.ca).includes('BEGIN'))
    throw new UsageError(`--cacert ${quoted(cacert)} has no certificate in it: it must be a PEM file.`);
  try {
    createSecureContext(tls);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new UsageError(
      `--cacert, --cert or --key cannot be used (${code}): are they PEM files, and does the key belong to the certificate?`,
      { cause },
    );
  }
  return tls;
}

function readFile(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new UsageError(`${option} ${quoted(path)} cannot be read (${code}).`, { cause });
  }
}

/** The first that is there, and where it comes from. */
function firstOf(
  sources: readonly (readonly [name: string, text: string | undefined])[],
): [name: string, text: string] {
  for (const [name, text] of sources) {
    const value = present(text);
    if (value !== undefined) return [name, value];
  }
  return ['', ''];
}

function present(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}
