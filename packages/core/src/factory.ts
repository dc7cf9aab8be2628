/** `createRegistry`: the registry that the options or the environment ask for. */
import type { BackendRegistry, RegistryOptions } from './contract.ts';
import { misconfigured, RegistryError } from './error.ts';
import { MemoryBackendRegistry } from './memory/registry.ts';
import type { MemoryStore } from './memory/store.ts';

/** `redis`: whichever of the two Redis adapters is installed, `ioredis` first. */
export type RegistryType = 'memory' | 'redis' | 'ioredis' | 'node-redis' | 'upstash';

/** What every adapter package exports. Each takes {@link AdapterOptions}, and what else its own types ask for. */
export interface AdapterModule {
  readonly RedisBackendRegistry: new (options: never) => BackendRegistry;
}

/** What the factory passes to an adapter. */
export interface AdapterOptions extends RegistryOptions {
  readonly url?: string;
  readonly db?: number;
  readonly token?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

type AdapterName = Exclude<RegistryType, 'memory' | 'redis'>;

/** An option of another type is an error; beside `REGISTRY_TYPE` without `type`, whoever sets that chooses which of them counts. */
export interface CreateRegistryOptions extends AdapterOptions {
  /** Default: `REGISTRY_TYPE`, else `memory`. */
  readonly type?: RegistryType;
  /** Where the store is. Default: `REDIS_URL`, else `redis://localhost:6379`; for `upstash`, `UPSTASH_REDIS_REST_URL`. */
  readonly url?: string;
  /** Number of the Redis database. Default: `REDIS_DB`, else what the url says. */
  readonly db?: number;
  /** Of `upstash`. Default: `UPSTASH_REDIS_REST_TOKEN`. */
  readonly token?: string;
  /** Of `memory`: the store to share with other handles in this process. */
  readonly store?: MemoryStore;
  /** Where the variables are read. Default: `process.env` where there is one. */
  readonly env?: Variables;
  /** How to load the adapters, for bundlers that must see the import: `{ ioredis: () => import('@backend-registry/ioredis') }`. */
  readonly adapters?: Readonly<Partial<Record<AdapterName, () => Promise<AdapterModule>>>>;
}

/** The adapter of each type, and the client that it needs if any: what `npm install` takes. */
const ADAPTERS: Readonly<Record<AdapterName, readonly [adapter: string, client?: string]>> = {
  ioredis: ['@backend-registry/ioredis', 'ioredis'],
  'node-redis': ['@backend-registry/redis', 'redis'],
  upstash: ['@backend-registry/upstash'],
};
const TYPES: readonly string[] = ['memory', 'redis', ...Object.keys(ADAPTERS)];

/**
 * Creates the registry that is asked for, and nothing else in its place: a missing adapter is `ADAPTER_NOT_INSTALLED` with the command that
 * installs it, a wrong value is `CONFIGURATION` and names the option or the variable. Explicit options win over variables.
 *
 * Variables: `REGISTRY_TYPE` (`memory`, `redis`, `ioredis`, `node-redis`, `upstash`), `REDIS_URL`, `REDIS_DB`, `BACKEND_HEARTBEAT_TIMEOUT` (seconds),
 * `UPSTASH_REDIS_REST_URL`, `UPSTASH_REDIS_REST_TOKEN`. An empty variable counts as absent.
 *
 * ```ts
 * await using registry = await createRegistry({ heartbeatTimeoutMs: 10_000 });
 * ```
 */
export async function createRegistry(options: CreateRegistryOptions = {}): Promise<BackendRegistry> {
  const { type: givenType, url, db, token, store, env: givenEnv, adapters = {}, ...common } = options;
  const env = givenEnv ?? processEnv();
  const variable = readText(env, 'REGISTRY_TYPE') as RegistryType | undefined;
  const type = givenType === undefined ? (variable ?? typeFrom(env)) : givenType;
  if (!TYPES.includes(type))
    throw misconfigured(
      givenType === undefined ? 'REGISTRY_TYPE' : 'type',
      type,
      `it must be one of ${TYPES.join(', ')}`,
    );
  const others = type === 'memory' ? { url, db, token } : type === 'upstash' ? { db, store } : { token, store };
  for (const [option, value] of Object.entries(others))
    if (value !== undefined && (givenType || !variable))
      throw misconfigured('type', type, `it has no option ${option}`);
  const heartbeatTimeoutMs = common.heartbeatTimeoutMs ?? readSeconds(env, 'BACKEND_HEARTBEAT_TIMEOUT');
  const registryOptions: RegistryOptions = {
    ...common,
    ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }),
  };

  if (type === 'memory') return new MemoryBackendRegistry({ ...registryOptions, ...(store && { store }) });
  const { RedisBackendRegistry } = await load(type, adapters);
  const open = (place: AdapterOptions) => new RedisBackendRegistry({ ...registryOptions, ...place } as never);
  if (type === 'upstash') {
    return open({
      url: url ?? readRequired(env, 'UPSTASH_REDIS_REST_URL', 'url'),
      token: token ?? readRequired(env, 'UPSTASH_REDIS_REST_TOKEN', 'token'),
    });
  }
  const database = db ?? readCount(env, 'REDIS_DB');
  return open({
    url: url ?? readRedisUrl(env, 'REDIS_URL') ?? 'redis://localhost:6379',
    ...(database !== undefined && { db: database }),
  });
}

/** Where nobody has said it. */
function typeFrom(env: Variables): RegistryType {
  // Whoever set an address means a store, and memory in its place would lose what they think is kept.
  const address = ['REDIS_URL', 'UPSTASH_REDIS_REST_URL'].find((name) => readText(env, name));
  if (address === undefined) return 'memory';
  const meant = address === 'REDIS_URL' ? 'redis' : 'upstash';
  throw new RegistryError(
    'CONFIGURATION',
    `${address} is set, but REGISTRY_TYPE is not: set REGISTRY_TYPE=${meant} or REGISTRY_TYPE=memory.`,
  );
}

async function load(
  type: AdapterName | 'redis',
  adapters: NonNullable<CreateRegistryOptions['adapters']>,
): Promise<AdapterModule> {
  const names: readonly AdapterName[] = type === 'redis' ? ['ioredis', 'node-redis'] : [type];
  const given = names.find((name) => adapters[name] !== undefined);
  const failures: unknown[] = [];
  for (const name of given === undefined ? names : [given]) {
    const [specifier] = ADAPTERS[name];
    try {
      // Bundlers follow an import whose text they can read; this one is for the package that happens to be installed.
      return await (adapters[name]?.() ?? import(/* @vite-ignore */ /* webpackIgnore: true */ specifier));
    } catch (error) {
      failures.push(error);
    }
  }
  const commands = names.map((name) => `npm install ${ADAPTERS[name].join(' ')}`);
  throw new RegistryError(
    'ADAPTER_NOT_INSTALLED',
    `The adapter for "${type}" cannot be loaded (${failures.join('; ')}). If it is missing: ${commands.join('   or: ')}. In a bundle, pass the option "adapters".`,
    { cause: failures.length === 1 ? failures[0] : new AggregateError(failures) },
  );
}

function processEnv(): Variables {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
}

/** A variable; an empty one counts as absent. Messages about variables have no value that could hold a password. */
function readText(env: Variables, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function readRequired(env: Variables, name: string, option: string): string {
  const value = readText(env, name);
  if (value === undefined)
    throw new RegistryError('CONFIGURATION', `${name} is not set: set it, or pass the option "${option}".`);
  return value;
}

/** A duration in seconds, as milliseconds. */
function readSeconds(env: Variables, name: string): number | undefined {
  const value = readText(env, name);
  if (value === undefined) return undefined;
  const ms = Number(value) * 1_000;
  if (!(ms > 0 && ms < Number.POSITIVE_INFINITY))
    throw misconfigured(name, value, 'it must be a number of seconds, more than 0');
  return ms;
}

function readCount(env: Variables, name: string): number | undefined {
  const value = readText(env, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw misconfigured(name, value, 'it must be a whole number, 0 or more');
  return Number(value);
}

function readRedisUrl(env: Variables, name: string): string | undefined {
  const value = readText(env, name);
  if (value !== undefined && !/^rediss?:\/\//.test(value)) {
    throw new RegistryError('CONFIGURATION', `${name} must begin with "redis://" or "rediss://".`);
  }
  return value;
}
