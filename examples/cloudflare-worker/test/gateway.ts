/** The Worker in workerd as `wrangler.jsonc` describes it, and real backends. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RedisBackendRegistry } from '@backend-registry/upstash';
import type { UpstashRest } from '@backend-registry/upstash-rest';
import { Miniflare, type MiniflareOptions } from 'miniflare';
import { rolldown } from 'rolldown';

const here = join(import.meta.dirname, '..');

/** One text, as wrangler would upload it. */
export async function bundle(entry: string): Promise<string> {
  await using bundled = await rolldown({ input: join(here, entry), platform: 'neutral', logLevel: 'warn' });
  const { output } = await bundled.generate({ format: 'esm', codeSplitting: false });
  return output[0].code;
}

export interface GatewayOptions {
  readonly entry?: string;
  /** Over those of `wrangler.jsonc`. */
  readonly vars?: Readonly<Record<string, number | string>>;
}

export interface Gateway extends AsyncDisposable {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** Whether its cache has a snapshot of this database. */
  snapshot(database: string): Promise<boolean>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Ends the isolate. The next request meets a new one, with the same caches around it. */
  restart(): Promise<void>;
}

export async function startGateway(
  { url, token }: Pick<UpstashRest, 'url' | 'token'>,
  { entry = 'src/worker.ts', vars = {} }: GatewayOptions = {},
): Promise<Gateway> {
  const text = await readFile(join(here, 'wrangler.jsonc'), 'utf8');
  const config = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ''));
  const contents = await bundle(entry);
  const said: string[] = [];
  const options = (isolate: number): MiniflareOptions => ({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: `${contents}\n// isolate ${isolate}` }],
    compatibilityDate: config.compatibility_date,
    handleRuntimeStdio: (_stdout: Readable, stderr: Readable) => {
      stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
    },
    bindings: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, ...config.vars, ...vars },
  });
  const miniflare = new Miniflare(options(1));
  let isolates = 1;
  let origin = (await miniflare.ready).origin;
  return {
    get origin() {
      return origin;
    },
    async snapshot(database) {
      // Its own type needs those of another package.
      const caches = (await miniflare.getCaches()) as unknown as {
        open(name: string): Promise<{ match(url: string): Promise<object | undefined> }>;
      };
      const cache = await caches.open('backend-registry');
      return (await cache.match(`https://snapshot.invalid/${encodeURIComponent(database)}`)) !== undefined;
    },
    fetch: (path, init) => fetch(origin + path, init),
    async restart() {
      isolates += 1;
      await miniflare.setOptions(options(isolates));
      origin = (await miniflare.ready).origin;
    },
    async [Symbol.asyncDispose]() {
      await miniflare.dispose();
      const strange = said.join('').match(/.*request context.*/);
      if (strange !== null) throw new Error(`A request has touched what belongs to another one: ${strange[0]}`);
    },
  };
}

export interface Origin extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** How many requests it has been sent. */
  readonly requests: number;
}

/** A real backend that is registered until it is disposed of. Its heartbeats are of no concern here: the lease is long. */
export async function startBackend(bridge: UpstashRest, listener: RequestListener): Promise<Origin> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = { url: 'http://127.0.0.1', port };
  await withRegistry(bridge, (registry) => registry.register(address));
  return {
    ...address,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export async function withRegistry<T>(
  { url, token }: Pick<UpstashRest, 'url' | 'token'>,
  use: (registry: RedisBackendRegistry) => Promise<T>,
): Promise<T> {
  await using registry = new RedisBackendRegistry({ url, token, subscribe: false });
  return await use(registry);
}
