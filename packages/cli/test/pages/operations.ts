/** What `docs/operations.md` stands on, section by section. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster, startSentinel, until } from '@backend-registry/redis-server';
import { backend, type Prepare, registerExpired } from './stage.ts';

export const OPERATIONS: Readonly<Record<string, Prepare>> = {
  async 'Install and start'(stage) {
    const server = await stage.start({ persistent: 'everysec' });
    return { 6379: server.port };
  },
  async Persistence(stage) {
    const server = await stage.start();
    return { 6379: server.port };
  },
  async 'After a restart with the data'(stage) {
    const server = await stage.start({ persistent: 'everysec' });
    await registerExpired(stage.open(server), [7, 8]);
    await server.restart();
    return { 6379: server.port };
  },
  async 'After a restart without the data'(stage) {
    const server = await stage.start();
    await stage.open(server).registerAll([backend(7), backend(8)]);
    await server.restart({ empty: true });
    return { 6379: server.port };
  },
  async 'Backup and restore'(stage) {
    const server = await stage.start();
    await stage.open(server).registerAll([backend(7), backend(8)]);
    return { 6379: server.port };
  },
  async 'Restoring a snapshot'(stage) {
    const old = await stage.start();
    await registerExpired(stage.open(old), [7, 8]);
    await old.cli('SAVE');
    const [, folder = ''] = (await old.cli('CONFIG', 'GET', 'dir')) as string[];
    copyFileSync(join(folder, 'dump.rdb'), join(stage.folder, 'dump.rdb'));
    const server = await stage.start({ args: ['--dir', stage.folder] });
    return { 6379: server.port };
  },
  async Sentinel(stage) {
    // A busy machine is no failure of the master.
    const group = stage.use(await startSentinel({ downAfterMs: 20_000 }));
    await until('the Sentinels know each other', async () => {
      for (const sentinel of group.sentinels) await sentinel.cli('SENTINEL', 'CKQUORUM', group.name);
      return true;
    });
    return { 6379: (await group.master()).port, 26379: group.sentinels[0]?.port ?? 0 };
  },
  async Cluster(stage) {
    const { nodes } = stage.use(await startCluster({ nodeTimeoutMs: 10_000 }));
    return { 7000: nodes[0]?.port ?? 0 };
  },
  async 'Users and rights'(stage) {
    const server = await stage.start({ persistent: 'everysec' });
    await stage.open(server).register(backend(7));
    return { 6379: server.port };
  },
  async TLS(stage) {
    const server = await stage.start({ tls: true, persistent: 'everysec' });
    writeFileSync(join(stage.folder, 'ca.pem'), server.ca ?? '');
    return { 6380: server.port };
  },
  async 'Databases and prefixes'(stage) {
    const server = await stage.start();
    await stage.open(server).register(backend(7));
    await stage.open(server, { db: 1 }).register(backend(8));
    await stage.open(server, { keyPrefix: 'staging:' }).register(backend(9));
    return { 6379: server.port };
  },
  async Monitoring(stage) {
    // On a busy machine, any command may take the usual 10 ms.
    const args = ['--maxmemory', '100mb', '--slowlog-log-slower-than', '10000000'];
    const server = await stage.start({ persistent: 'everysec', args });
    const registry = stage.open(server);
    await registry.registerAll([backend(7), backend(8)]);
    await registerExpired(registry, [9]);
    return { 6379: server.port };
  },
  async Cleanup(stage) {
    const server = await stage.start();
    const registry = stage.open(server);
    await registry.registerAll([backend(7), backend(8)]);
    await registerExpired(registry, [1, 2, 3, 4]);
    return { 6379: server.port };
  },
  async Upgrades(stage) {
    const server = await stage.start();
    await stage.open(server).register(backend(7));
    return { 6379: server.port };
  },
  async 'A layout that is not known'(stage) {
    const server = await stage.start();
    await stage.open(server).register(backend(7));
    await server.cli('HSET', 'registry:meta', 'schema', '2');
    return { 6379: server.port };
  },
};
