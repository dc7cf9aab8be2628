/** Makes every error that `docs/troubleshooting.md` lists happen, in the order of its table. */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { announce, createView, MemoryBackendRegistry, type RegistryError } from '@backend-registry/core';
import { createRegistry } from '@backend-registry/core/factory';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { startSentinel, until } from '@backend-registry/redis-server';
import { Redis } from 'ioredis';
import { backend, type Stage } from './stage.ts';

/** Rejects with the error, or resolves to one that was told to `onError`. */
export type Provoke = (stage: Stage) => Promise<unknown>;

const KEYS = '~backend:* ~heartbeat:* ~registry:* &*';

export const ERRORS: readonly Provoke[] = [
  async () => {
    await using registry = new MemoryBackendRegistry();
    await registry.register({ url: 'http://user:secret@10.0.0.7', port: 8001 });
  },
  () => createRegistry({ env: { REDIS_URL: 'redis://localhost:6379' } }),
  () => createRegistry({ env: { REGISTRY_TYPE: 'rediss' } }),
  () =>
    createRegistry({
      env: { REGISTRY_TYPE: 'ioredis' },
      adapters: { ioredis: () => Promise.reject(new Error('Cannot find package')) },
    }),
  async (stage) => {
    const server = await stage.start();
    await server.stop();
    await stage.open(server).listBackends();
  },
  async (stage) => {
    const { port } = await stage.start();
    const client = new Redis(port);
    client.disconnect();
    await stage.use(new RedisBackendRegistry({ client })).listBackends();
  },
  async (stage) => {
    const master = await stage.start();
    const replica = await stage.start();
    await replica.cli('REPLICAOF', 'localhost', master.port);
    await stage.open(replica).register(backend(7));
  },
  async (stage) => {
    const server = await stage.start({ args: ['--lua-time-limit', '1'] });
    const registry = stage.open(server);
    await registry.ping();
    const script = server.cli('EVAL', 'while true do end', 0).catch(() => undefined);
    await until('the server is busy', () =>
      server.cli('PING').then(
        () => false,
        (error) => String(error).includes('BUSY'),
      ),
    );
    try {
      await registry.heartbeat(backend(7));
    } finally {
      await server.cli('SCRIPT', 'KILL');
      await script;
    }
  },
  async (stage) => {
    const server = await stage.start();
    const registry = stage.open(server);
    await registry.ping();
    await server.freeze();
    await registry.heartbeat(backend(7));
  },
  async (stage) => {
    const server = await stage.start({ password: 'secret' });
    await stage.open({ ...server, url: server.url.replace(':secret@', '') }).heartbeat(backend(7));
  },
  async (stage) => {
    const server = await stage.start({ password: 'secret' });
    await stage.open({ ...server, url: server.url.replace(':secret@', ':wrong@') }).heartbeat(backend(7));
  },
  async (stage) => {
    const server = await stage.start({ acl: [`proxy on >secret ${KEYS} +@read +info +select +evalsha +eval +time`] });
    await stage.open({ ...server, url: server.url.replace('//', '//proxy:secret@') }).register(backend(7));
  },
  async (stage) => {
    const server = await stage.start({ args: ['--maxmemory', '512kb'] });
    await stage.open(server).register(backend(7));
  },
  async (stage) => {
    const server = await stage.start();
    const [, folder = ''] = (await server.cli('CONFIG', 'GET', 'dir')) as string[];
    await server.cli('CONFIG', 'SET', 'save', '3600 1');
    rmSync(folder, { recursive: true });
    await server.cli('SET', 'changed', 'since the last snapshot');
    await server.cli('BGSAVE');
    await until('saving has failed', async () =>
      String(await server.cli('INFO', 'persistence')).includes('rdb_last_bgsave_status:err'),
    );
    await stage.open(server).register(backend(7));
  },
  async (stage) => {
    const server = await stage.start();
    await server.cli('SET', 'registry:meta', 'of another program');
    await stage.open(server).listBackends();
  },
  async (stage) => {
    const server = await stage.start();
    await server.cli('HSET', 'backend:http://10.0.0.7:8001', 'of', 'another program');
    await stage.open(server).register(backend(7));
  },
  async (stage) => {
    const server = await stage.start();
    await stage.open(server, { db: 99 }).listBackends();
  },
  async (stage) => {
    const server = await stage.start({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
    await server.cli('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await until('the Cluster is whole', async () =>
      String(await server.cli('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    );
    await stage.open(server).register(backend(7));
  },
  async (stage) => {
    const { host, port } = await stage.start();
    await stage.use(new RedisBackendRegistry({ cluster: [{ host, port }] })).listBackends();
  },
  async (stage) => {
    const group = stage.use(await startSentinel());
    const nodes = group.sentinels.map(({ host, port }) => ({ host, port }));
    await stage.use(new RedisBackendRegistry({ sentinel: { name: 'mymaster', nodes } })).listBackends();
  },
  async (stage) => {
    const server = await stage.start({ args: ['--rename-command', 'EVALSHA', '', '--rename-command', 'EVAL', ''] });
    await stage.open(server).heartbeat(backend(7));
  },
  async (stage) => {
    const { port } = stage.use(await startEcho('-ERR of another program'));
    await stage.open({ url: `redis://localhost:${port}` }).register(backend(7));
  },
  async () => {
    await using registry = new MemoryBackendRegistry({ heartbeatTimeoutMs: 60 });
    const told: RegistryError[] = [];
    const announcement = announce(registry, backend(7), { onError: (error) => told.push(error) });
    await announcement.ready;
    await registry.register({ ...backend(7), incarnation: 'another life' });
    return await until('it has stopped', () => announcement.state === 'superseded' && told[0]);
  },
  async (stage) => {
    const { port } = stage.use(await startEcho());
    await stage.open({ url: `redis://localhost:${port}` }).heartbeat(backend(7));
  },
  async () => {
    await using registry = new MemoryBackendRegistry();
    const told: RegistryError[] = [];
    await using view = createView(registry, { snapshot: 'of another program', onError: (error) => told.push(error) });
    await view.ready;
    return told[0];
  },
  async () => {
    const registry = new MemoryBackendRegistry();
    await registry.close();
    await registry.listBackends();
  },
  async (stage) => {
    const server = await stage.start();
    await server.cli('HSET', 'registry:meta', 'schema', '2');
    await stage.open(server).listBackends();
  },
];

/** Another program, which answers OK to whatever it is asked. @param toScripts what it answers to scripts */
async function startEcho(toScripts = '+OK'): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      const answer = /evalsha/i.test(text) ? toScripts : '+OK';
      for (const _ of text.matchAll(/\*\d+\r\n\$/g)) socket.write(`${answer}\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
