import { RegistryError, type RegistryOptions } from '@backend-registry/core';
import { type OneOf, OURS, type RedisDriver, RedisRegistry } from '@backend-registry/core/redis';
import { missingOf, type UpstashClient } from './client.ts';
import { clientDriver, requestsDriver } from './driver.ts';
import { type Endpoint, Requests } from './requests.ts';

/** What stands beside an address and its token. */
export interface EndpointOptions extends RegistryOptions {
  /**
   * Whether watchers hear of changes over a stream of server-sent events, one for all watchers of this registry and only while there is one. Without it
   * they poll. Default: true.
   */
  readonly subscribe?: boolean;
}

/** A database by its address: requests are the registry's own, without a client. */
export interface UrlOptions extends EndpointOptions {
  /** `https://….upstash.io`. `http://` only for this machine. */
  readonly url: string;
  /** One that may write. */
  readonly token: string;
}

/** A database by the variables that Upstash documents: `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN`. */
export interface EnvOptions extends EndpointOptions {
  /** `process.env`, or what a Worker is given. Nothing else is read. */
  readonly env: object;
}

/** A client of the caller's, whatever its options: never reconfigured. Watchers poll. */
export interface GivenClientOptions extends RegistryOptions {
  readonly client: UpstashClient;
}

export type RedisBackendRegistryOptions = OneOf<
  UrlOptions | EnvOptions | GivenClientOptions,
  'client' | 'env' | 'url' | 'token' | 'subscribe'
>;

/**
 * A registry in Upstash Redis, over HTTP: without sockets, without timers between calls, and without anything of Node.
 *
 * ```ts
 * const registry = new RedisBackendRegistry({ url: 'https://….upstash.io', token });
 * ```
 */
export class RedisBackendRegistry extends RedisRegistry {
  constructor(options: RedisBackendRegistryOptions) {
    super(...open(options));
  }
}

function open(options: RedisBackendRegistryOptions): [RedisDriver, RegistryOptions] {
  if (typeof options !== 'object' || options === null) throw misconfigured(`${PLACES}.`);
  const { client, url, token, env, subscribe, ...registryOptions } = options as RegistryOptions &
    Readonly<Record<'client' | 'url' | 'token' | 'env' | 'subscribe', unknown>>;
  checkNames(registryOptions);
  if ([client, url ?? token, env].filter((place) => place !== undefined).length > 1)
    throw misconfigured(`${PLACES}, one of them.`);
  if ('client' in options) {
    const missing = missingOf(client);
    if (missing !== undefined) throw misconfigured(`client is no client of @upstash/redis 1.34 or newer: ${missing}.`);
    if (subscribe !== undefined)
      throw misconfigured('subscribe is for { url, token } and { env }: over a client, watchers poll.');
    return [clientDriver(client as UpstashClient), registryOptions];
  }
  if (subscribe !== undefined && typeof subscribe !== 'boolean')
    throw misconfigured('subscribe must be true or false.');
  const endpoint = 'env' in options ? fromEnv(env) : readEndpoint(url, token, 'url', 'token');
  const requests = new Requests(endpoint, registryOptions.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS);
  // In a stream, a line ends where the name of the channel does not: such a prefix is polled.
  const isLine = !/[\r\n]/.test(String(registryOptions.keyPrefix ?? ''));
  return [requestsDriver(requests, (subscribe ?? true) && isLine), registryOptions];
}

const PLACES = 'give { url, token }, { env } or { client }';

function checkNames(options: object): void {
  const [unknown] = Object.keys(options).filter((name) => !OURS.includes(name));
  if (unknown !== undefined) throw misconfigured(`${unknown} is none: ${OURS.join(', ')} are.`);
}

const DEFAULT_TIMEOUT_MS = 2_000;
const URL_NAME = 'UPSTASH_REDIS_REST_URL';
const TOKEN_NAME = 'UPSTASH_REDIS_REST_TOKEN';

function fromEnv(env: unknown): Endpoint {
  if (typeof env !== 'object' || env === null)
    throw misconfigured(`env must be an object that has ${URL_NAME} and ${TOKEN_NAME}.`);
  const { [URL_NAME]: url, [TOKEN_NAME]: token } = env as Readonly<Record<string, unknown>>;
  return readEndpoint(url, token, URL_NAME, TOKEN_NAME);
}

const NO_TEXT = 'is missing, or no text: copy it from the console of Upstash.';

/** Neither is repeated in a message: the one is a secret, and the other may hold one. */
function readEndpoint(url: unknown, token: unknown, urlName: string, tokenName: string): Endpoint {
  if (typeof url !== 'string' || url === '') throw misconfigured(`${urlName} ${NO_TEXT}`);
  if (typeof token !== 'string' || token === '') throw misconfigured(`${tokenName} ${NO_TEXT}`);
  if (!URL.canParse(url)) throw misconfigured(`${urlName} is no url: it must be one like "https://….upstash.io".`);
  const { protocol, hostname, username, password, origin, pathname, search, hash } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
    throw misconfigured(
      `${urlName} must begin with "https://": the token would be sent for everybody to read. Only this machine may be reached by "http://".`,
    );
  }
  if (`${username}${password}${search}${hash}` !== '')
    throw misconfigured(`${urlName} must have no user, query or fragment.`);
  if (!/^[\x21-\x7e]+$/.test(token))
    throw misconfigured(`${tokenName} has characters that no token has, like a space or a line break at its end.`);
  return { url: origin + pathname.replace(/\/+$/, ''), token };
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(hostname) ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

function misconfigured(what: string): RegistryError {
  return new RegistryError('CONFIGURATION', `Invalid option: ${what}`);
}
