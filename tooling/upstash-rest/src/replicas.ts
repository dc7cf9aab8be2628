/** Where reads go, and the token by which a client reads what it has written. */
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { Line, targetOf } from './connection.ts';
import type { Command, Reply } from './resp.ts';

/** A port on which nobody listens: a replica of nobody keeps what it has, and stays a replica. */
const NOBODY = ['127.0.0.1', '1'] as const;

/** A replica that answers reads, as in another region. */
export class Replica implements AsyncDisposable {
  readonly #primary: { readonly host: string; readonly port: number };
  readonly #server: RedisServer;
  readonly #line: Line;

  private constructor(primary: { host: string; port: number }, server: RedisServer) {
    this.#primary = primary;
    this.#server = server;
    this.#line = new Line(targetOf(server.url));
  }

  static async of(primary: { host: string; port: number }): Promise<Replica> {
    const server = await startStandalone();
    const replica = new Replica(primary, server);
    await replica.#follow();
    return replica;
  }

  /** Stops following; resolves to how to begin again. */
  async lag(): Promise<() => Promise<void>> {
    await this.#server.cli('REPLICAOF', ...NOBODY);
    return () => this.#follow();
  }

  /** Its answers, where it is as new as the caller knows the data to be. */
  async read(commands: readonly Command[], offset: number): Promise<Reply[] | undefined> {
    if (offsetOf(await this.#line.ask('INFO', 'replication'), 'slave_repl_offset') < offset) return undefined;
    return this.#line.send(commands);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line.close();
    await this.#server[Symbol.asyncDispose]();
  }

  async #follow(): Promise<void> {
    await this.#server.cli('REPLICAOF', this.#primary.host, this.#primary.port);
    for (;;) {
      const info = String(await this.#server.cli('INFO', 'replication'));
      if (info.includes('master_link_status:up') && info.includes('master_sync_in_progress:0')) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function offsetOf(info: Reply, field: 'master_repl_offset' | 'slave_repl_offset'): number {
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(String(info))?.[1] ?? 0);
}

/** A token means nothing to clients. */
export function tokenOf(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

/** A token that is none, or none of ours, asks for nothing. */
export function offsetIn(token: string): number {
  return Number(/^offset:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1] ?? 0);
}
