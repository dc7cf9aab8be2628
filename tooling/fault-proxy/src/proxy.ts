import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { ChunkConversation, RedisConversation } from './conversation.ts';
import { type Carrier, Link } from './link.ts';
import { Direction, type Traffic } from './traffic.ts';

export interface FaultProxyOptions {
  readonly host: string;
  readonly port: number;
  /**
   * How to tell messages apart. `redis`: the Redis protocol, versions 2 and 3. `chunks`: anything else, TLS and HTTP
   * included; what is read at once counts as one message. Default: `redis`.
   */
  readonly protocol?: 'redis' | 'chunks';
}

/** A TCP proxy on a loopback port, with faults to switch on. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `redis://` of the proxy, without a password. */
  readonly url: string;
  /** Clients that are connected now. */
  readonly connections: number;
  /** Clients that connected since the start, those included that were refused. */
  readonly accepted: number;
  /** From clients to the server. */
  readonly requests: Traffic;
  /** From the server to clients; what was lost on the way back is included. */
  readonly replies: Traffic;
  /** Replies that {@link loseReplyOnce} has lost so far. */
  readonly lostReplies: number;
  /** What every chunk waits for, in each direction: a round trip takes twice as long. Default: 0. */
  delayMs: number;
  /** Resets all connections now. */
  cut(): void;
  /** While on, new connections are reset as soon as they are made. */
  refuse(on: boolean): void;
  /**
   * Loses one reply: the next request that matches (any one by default) reaches the server, and when the server has
   * answered it, the answer is dropped and the connection reset. Replies to earlier requests come back.
   */
  loseReplyOnce(match?: (request: Buffer) => boolean): void;
  /** Half-open: connections stay, new ones can be made, and nothing passes in either direction. */
  freeze(): void;
  /** What was held passes, in its order. */
  thaw(): void;
  /** As a firewall does with connections that it has forgotten: those that there are stay, and nothing passes on them any more; new ones work. */
  forget(): void;
  /**
   * Lets so many more bytes pass in one direction (replies by default), over all connections, then resets all clients;
   * once. What has passed arrives.
   */
  limitBytes(bytes: number, direction?: 'requests' | 'replies'): void;
}

/** Starts a proxy in front of a server. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new Relay(options);
  await proxy.listen();
  return proxy;
}

class Relay implements FaultProxy, Carrier {
  readonly host = '127.0.0.1';
  readonly requests: Direction = new Direction();
  readonly replies: Direction = new Direction();
  port = 0;
  accepted = 0;
  lostReplies = 0;
  delayMs = 0;

  readonly #options: FaultProxyOptions;
  readonly #links = new Set<Link>();
  readonly #server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
  #frozen = false;
  #refuses = false;
  #match: ((request: Buffer) => boolean) | undefined;

  constructor(options: FaultProxyOptions) {
    this.#options = options;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, this.host, () => {
        this.port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  get connections(): number {
    return [...this.#links].filter((link) => link.open).length;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  cut(): void {
    for (const link of this.#links) link.cut();
  }

  refuse(on: boolean): void {
    this.#refuses = on;
  }

  loseReplyOnce(match: (request: Buffer) => boolean = () => true): void {
    this.#match = match;
  }

  loses(request: Buffer): boolean {
    if (this.#match === undefined || !this.#match(request)) return false;
    this.#match = undefined;
    return true;
  }

  lost(): void {
    this.lostReplies++;
  }

  freeze(): void {
    this.#frozen = true;
    for (const link of this.#links) link.hold();
  }

  thaw(): void {
    this.#frozen = false;
    for (const link of this.#links) link.resume();
  }

  forget(): void {
    for (const link of this.#links) link.forget();
  }

  limitBytes(bytes: number, direction: 'requests' | 'replies' = 'replies'): void {
    this[direction].limit(bytes);
  }

  spent(link: Link): void {
    for (const other of this.#links) {
      if (other !== link) other.cut();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    this.accepted++;
    if (this.#refuses) {
      client.resetAndDestroy();
      return;
    }
    const { host, port, protocol = 'redis' } = this.#options;
    const server = connect({ host, port, allowHalfOpen: true });
    const conversation = protocol === 'redis' ? new RedisConversation() : new ChunkConversation();
    const link = new Link(client, server, this, conversation);
    this.#links.add(link);
    for (const socket of [client, server]) {
      socket.once('close', () => {
        if (client.destroyed && server.destroyed) this.#links.delete(link);
      });
    }
  }
}
