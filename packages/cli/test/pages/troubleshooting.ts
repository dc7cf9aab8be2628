/** How `docs/troubleshooting.md` breaks its servers, section by section. */
import { until } from '@backend-registry/redis-server';
import { backend, flapping, type Prepare, registerExpired } from './stage.ts';

const KEYS = '~backend:* ~heartbeat:* ~registry:*';

export const TROUBLESHOOTING: Readonly<Record<string, Prepare>> = {
  async 'Redis cannot be reached'(stage) {
    const server = await stage.start();
    await server.stop();
    return { 6379: server.port };
  },
  async 'Calls time out'(stage) {
    const server = await stage.start();
    await server.freeze();
    return { 6379: server.port };
  },
  async 'Authentication fails'(stage) {
    const server = await stage.start({ password: 'secret' });
    return { 6379: server.port };
  },
  async 'A user may not do what it must'(stage) {
    const acl = [
      `proxy on >secret ${KEYS} resetchannels +select +info +eval +evalsha +mget +get +time +type +hmget +zcard +zcount`,
    ];
    const server = await stage.start({ acl });
    return { 6379: server.port };
  },
  async 'It was never registered, or has left'(stage) {
    const server = await stage.start();
    const registry = stage.open(server);
    await registry.register(backend(8));
    await registry.unregister(backend(8));
    await registerExpired(registry, [9]);
    await registry.cleanupExpiredBackends();
    return { 6379: server.port };
  },
  async 'Wrong prefix or database'(stage) {
    const server = await stage.start();
    await stage.open(server, { keyPrefix: 'staging:' }).register(backend(7));
    await stage.open(server, { db: 1 }).register(backend(8));
    return { 6379: server.port };
  },
  async 'Another program wrote it'(stage) {
    const server = await stage.start();
    const { url, port } = backend(7);
    await server.cli('SET', `backend:${url}:${port}`, JSON.stringify({ url, port, health: true }));
    await server.cli('SET', `heartbeat:${url}:${port}`, Date.now() / 1_000);
    return { 6379: server.port };
  },
  async 'It is there, and gets no requests'(stage) {
    const server = await stage.start();
    const registry = stage.open(server);
    await registry.registerAll([{ ...backend(7), health: false }, backend(8)]);
    await registry.drain(backend(8));
    return { 6379: server.port };
  },
  async 'A backend flaps'(stage) {
    const server = await stage.start();
    const registry = stage.open(server);
    await registerExpired(registry, [7]);
    stage.use(flapping(registry, server, 7));
    return { 6379: server.port };
  },
  async 'All backends expired at once'(stage) {
    const server = await stage.start();
    await registerExpired(stage.open(server), [1, 2, 3, 4, 5]);
    return { 6379: server.port };
  },
  async 'A view is stale or held'(stage) {
    const server = await stage.start();
    await server.cli('FLUSHALL');
    return { 6379: server.port };
  },
  async 'A watcher sees changes late'(stage) {
    const acl = [
      `proxy on >secret ${KEYS} resetchannels +select +info +eval +evalsha +mget +get +time +type +hmget +zcard +zcount +zscore +zmscore +zrangebyscore`,
    ];
    const server = await stage.start({ acl });
    return { 6379: server.port };
  },
  async 'Two registries in one database'(stage) {
    const server = await stage.start();
    await stage.open(server).registerAll([
      { ...backend(7), metadata: { service: 'search' } },
      { ...backend(8), metadata: { service: 'shop' } },
    ]);
    await stage.open(server, { keyPrefix: 'search:' }).register({ ...backend(7), metadata: { service: 'search' } });
    return { 6379: server.port };
  },
  async 'Another program uses the keys'(stage) {
    const server = await stage.start();
    await server.cli('SET', 'shop:registry:meta', 'of another program');
    return { 6379: server.port };
  },
  async 'Clocks differ'(stage) {
    const server = await stage.start();
    return { 6379: server.port };
  },
  async 'A Cluster answers CROSSSLOT or MOVED'(stage) {
    const server = await stage.start({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
    await server.cli('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await until('the Cluster is whole', async () =>
      String(await server.cli('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    );
    return { 7000: server.port };
  },
  async 'Writes fail, reads work'(stage) {
    const master = await stage.start();
    const replica = await stage.start();
    await replica.cli('REPLICAOF', 'localhost', master.port);
    return { 6379: replica.port, 6380: master.port };
  },
  async 'Memory is full'(stage) {
    const server = await stage.start();
    const registry = stage.open(server);
    await registry.register(backend(7));
    await registerExpired(registry, [8]);
    await server.cli('CONFIG', 'SET', 'maxmemory', '512kb');
    return { 6379: server.port };
  },
  async 'Redis evicts keys'(stage) {
    const server = await stage.start({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
    return { 6379: server.port };
  },
  async 'Redis is slow'(stage) {
    const server = await stage.start();
    await server.cli('EVAL', 'for n = 1, 50000 do redis.call("SET", "page:" .. n, n) end', 0);
    await server.cli('SLOWLOG', 'RESET');
    await server.cli('CONFIG', 'SET', 'slowlog-log-slower-than', '1000');
    await server.cli('KEYS', 'session:*');
    await server.cli('CONFIG', 'SET', 'slowlog-log-slower-than', '10000000');
    return { 6379: server.port };
  },
  async 'A row cannot be read'(stage) {
    const server = await stage.start();
    await stage.open(server).registerAll([backend(7), backend(8)]);
    await server.cli('SET', 'backend:http://10.0.0.7:8001', '{"url":"http://10.0.0.7",');
    return { 6379: server.port };
  },
  async 'A part of the index lacks a backend'(stage) {
    const server = await stage.start();
    await stage.open(server).registerAll([backend(7), backend(8)]);
    await server.cli('ZREM', 'registry:versions', 'http://10.0.0.7:8001');
    return { 6379: server.port };
  },
  async 'A drained backend still gets requests'(stage) {
    const server = await stage.start();
    const registry = stage.open(server);
    await registry.register({ ...backend(7), inFlightRequests: 2 });
    await registry.updateBackendMetrics(backend(7), { inFlightRequests: 3 });
    await registry.drain(backend(7));
    return { 6379: server.port };
  },
};
