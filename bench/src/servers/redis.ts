/** Redis, as the tests start it. */
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { fastFolder, type PeerServer, type ServerOptions } from './server.ts';

export interface RedisOptions extends ServerOptions {
  /** Every write is synced before it is answered: what etcd and ZooKeeper do. */
  readonly fsync?: boolean;
}

export async function startRedis({ durable = false, fsync = false }: RedisOptions = {}): Promise<RedisPeer> {
  const log = durable || fsync ? ['--appendonly', 'yes', '--appendfsync', fsync ? 'always' : 'everysec'] : [];
  const folder = log.length > 0 ? ['--dir', fastFolder('redis')] : [];
  const server = await startStandalone({ args: ['--enable-debug-command', 'yes', ...folder, ...log] });
  return new RedisPeer(server, await versionOf(server));
}

async function versionOf(server: RedisServer): Promise<string> {
  return /redis_version:(\S+)/.exec(String(await server.cli('INFO', 'server')))?.[1] ?? 'unknown';
}

export class RedisPeer implements PeerServer {
  readonly endpoint: string;
  readonly port: number;
  readonly version: string;
  readonly #server: RedisServer;

  constructor(server: RedisServer, version: string) {
    this.#server = server;
    this.version = version;
    this.endpoint = server.url;
    this.port = server.port;
  }

  get pids(): readonly number[] {
    return [this.#server.pid];
  }

  /** Keys of other programs. */
  async crowd(keys: number): Promise<void> {
    await this.#server.cli('DEBUG', 'POPULATE', keys, 'session', 100);
  }

  freeze(): void {
    process.kill(this.#server.pid, 'SIGSTOP');
  }

  thaw(): void {
    this.#server.thaw();
  }

  async restart(): Promise<void> {
    await this.#server.restart();
  }

  async empty(): Promise<void> {
    await this.#server.cli('FLUSHALL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
