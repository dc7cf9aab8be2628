import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { createView, MemoryBackendRegistry, type View } from '@backend-registry/core';
import { Pool } from 'undici';
import { createProxy, type Failure, type ProxyOptions } from '../src/proxy.ts';

/** A real HTTP server on a free port of this machine. */
export interface Origin extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** Every connection it was ever sent. */
  readonly sockets: readonly Socket[];
}

export async function startOrigin(listener: RequestListener): Promise<Origin> {
  const server = createServer(listener);
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  return { server, sockets, port: await listen(server), [Symbol.asyncDispose]: () => shut(server) };
}

/** A port on which nothing listens, and nobody will while the tests run: it is the near end of a connection. */
export async function deadPort(): Promise<number> {
  const server = createTcpServer((socket) => socket.unref()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  server.unref();
  socket.unref();
  return socket.localPort ?? 0;
}

export interface TestProxy extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  readonly registry: MemoryBackendRegistry;
  readonly view: View;
  readonly failures: readonly Failure[];
  /** Ports of the backends in the order in which they were tried. */
  readonly attempts: readonly number[];
}

/** A proxy over backends on these ports; they are tried in this order. */
export async function startProxy(ports: readonly number[], options: Partial<ProxyOptions> = {}): Promise<TestProxy> {
  const registry = new MemoryBackendRegistry();
  await registry.registerAll(ports.map((port) => ({ url: 'http://127.0.0.1', port })));
  const view = createView(registry);
  await view.ready;
  const failures: Failure[] = [];
  const attempts: number[] = [];
  const proxy = createProxy({
    view,
    pick: (backends) =>
      ports.map((port) => backends.find((backend) => backend.port === port)).find(Boolean) ?? backends[0],
    onAttempt: ({ backend }) => attempts.push(backend.port),
    onFailure: (failure) => failures.push(failure),
    ...options,
  });
  const port = await listen(proxy);
  const close = async (): Promise<void> => {
    await shut(proxy);
    await view.close();
    await registry.close();
  };
  return { port, origin: `http://127.0.0.1:${port}`, registry, view, failures, attempts, [Symbol.asyncDispose]: close };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

/** One request on a connection of its own, with nothing added that HTTP does not need. */
export async function ask(
  port: number,
  { method = 'GET', path = '/', headers = {}, body = '' }: Ask = {},
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  sent.end(body);
  const [received] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: received.statusCode ?? 0, headers: received.headers, body: (await readAll(received)).toString() };
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A promise that another part of the test settles. */
export function signal<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A client that keeps its connections. */
export function openClient(origin: string, connections: number): AsyncDisposable & Pick<Pool, 'request'> {
  const pool = new Pool(origin, { connections });
  return { request: pool.request.bind(pool), [Symbol.asyncDispose]: () => pool.close() };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function shut(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
