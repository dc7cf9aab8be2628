/** What every Redis adapter does with its options before it has a client. */
import type { RegistryOptions } from '../contract.ts';
import { misconfigured, RegistryError } from '../error.ts';

/** What is left for the client, of each kind of options. */
export type ClientOptions<T> = T extends unknown ? Omit<T, keyof RegistryOptions> : never;

/** Parts the registry's own options from those of the client. */
export function splitOptions<T extends RegistryOptions>(options: T): readonly [RegistryOptions, ClientOptions<T>] {
  const { heartbeatTimeoutMs, keyPrefix, commandTimeoutMs, schemes, onCorrupt, ...client } = options;
  const ours = { heartbeatTimeoutMs, keyPrefix, commandTimeoutMs, schemes, onCorrupt };
  return [
    Object.fromEntries(Object.entries(ours).filter(([, value]) => value !== undefined)),
    client as ClientOptions<T>,
  ];
}

/** On a Cluster all keys of a registry must be in one slot: the prefix has a hash tag, by default `{backend-registry}:`. */
export function withHashTag(options: RegistryOptions): RegistryOptions {
  const { keyPrefix = '{backend-registry}:' } = options;
  if (/\{[^{}]+\}/.test(keyPrefix)) return { ...options, keyPrefix };
  const name = String(keyPrefix).replace(/[{}:]+/g, '') || 'backend-registry';
  throw misconfigured(
    'keyPrefix',
    keyPrefix,
    `on a Cluster all keys of a registry must be in one slot: give it a hash tag, like "{${name}}:"`,
  );
}

/**
 * A url that may hold a password: no message repeats it.
 *
 * @param db the database, whatever the url says; both clients let the url win
 */
export function readRedisUrl(url: unknown = 'redis://localhost:6379', db?: number): string {
  if (typeof url !== 'string' || !/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new RegistryError(
      'CONFIGURATION',
      'Invalid option: url must be one that begins with "redis://" or "rediss://".',
    );
  if (db === undefined) return url;
  if (!Number.isSafeInteger(db) || db < 0) throw misconfigured('db', db, 'it must be a whole number of at least 0');
  const parsed = new URL(url);
  parsed.pathname = `/${db}`;
  return parsed.href;
}

/** The error for a client that is none. */
export function wrongClient(library: string, missing: string): RegistryError {
  return new RegistryError('CONFIGURATION', `Invalid option: client is no client of ${library} or newer: ${missing}.`);
}
