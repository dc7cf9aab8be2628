/** Redis, as the tests start it. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { fastFolder, type PeerServer, type ServerOptions } from './server.ts';

export interface RedisOptions extends ServerOptions {
  /** Every write is synced before it is answered: what etcd and ZooKeeper do. */
  readonly fsync?: boolean;
}

export async function startRedis({ durable = false, fsync = false }: RedisOptions = {}): Promise<RedisPeer> {
  const log = durable || fsync ? ['--appendonly', 'yes', '--appendfsync', fsync ? 'always' : 'everysec'] : [];
  const folder = log.length > 0 ? fastFolder('redis') : undefined;
  const kept = folder === undefined ? [] : ['--dir', folder];
  const server = await startStandalone({ args: ['--enable-debug-command', 'yes', ...kept, ...log] });
  return new RedisPeer(server, await versionOf(server), folder);
}

async function versionOf(server: RedisServer): Promise<string> {
  return /redis_version:(\S+)/.exec(String(await server.cli('INFO', 'server')))?.[1] ?? 'unknown';
}

export class RedisPeer implements PeerServer {
  readonly endpoint: string;
  readonly port: number;
  readonly version: string;
  readonly #server: RedisServer;
  /** Where it writes to, if it does. */
  readonly #folder: string | undefined;

  constructor(server: RedisServer, version: string, folder: string | undefined) {
    this.#server = server;
    this.#folder = folder;
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

  async lose(): Promise<void> {
    await this.#server.kill();
    for (const file of this.#folder === undefined ? [] : readdirSync(this.#folder))
      rmSync(join(this.#folder ?? '', file), { recursive: true });
    await this.#server.restart({ empty: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
