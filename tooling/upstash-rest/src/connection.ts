/** Connections to the server behind the bridge. */
import { connect, type Socket } from 'node:net';
import { type Command, Decoder, encodeCommand, type Reply, ReplyError } from './resp.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Name and password. */
  readonly user?: readonly [name: string, password: string];
}

/** `redis://user:password@host:port` */
export function targetOf(url: string): Target {
  const { hostname, port, username, password } = new URL(url);
  const target = { host: hostname, port: Number(port === '' ? 6379 : port) };
  if (password === '') return target;
  return { ...target, user: [decodeURIComponent(username || 'default'), decodeURIComponent(password)] };
}

/** The server behind the bridge does not answer. */
export class Unreachable extends Error {
  /** What the system calls it. */
  readonly code: string | undefined;

  constructor({ message, code }: NodeJS.ErrnoException) {
    super(message);
    this.code = code;
  }
}

/** One connection. Commands of one call follow each other without any other in between. */
export class Connection {
  /** Called with each reply that answers no call: what a subscription or MONITOR sends. */
  onPush: ((reply: Reply) => void) | undefined;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting: { missing: number; replies: Reply[]; settle: (replies: Reply[] | Error) => void }[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    const decoder = new Decoder();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      for (const reply of decoder.push(chunk)) this.#take(reply);
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const { settle } of this.#waiting.splice(0))
          settle(new Unreachable(new Error('Redis closed the connection')));
        resolve();
      });
    });
  }

  static open({ host, port, user }: Target): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      socket.once('error', (error) => reject(new Unreachable(error)));
      socket.once('connect', () => {
        const connection = new Connection(socket);
        if (user === undefined) resolve(connection);
        else {
          connection
            .send([['AUTH', ...user]])
            .then(([answer]) => {
              if (answer instanceof ReplyError) throw new Error(answer.message);
              resolve(connection);
            })
            .catch(reject);
        }
      });
    });
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  send(commands: readonly Command[]): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      if (!this.open) return reject(new Unreachable(new Error('Redis closed the connection')));
      this.#waiting.push({
        missing: commands.length,
        replies: [],
        settle: (replies) => (replies instanceof Error ? reject(replies) : resolve(replies)),
      });
      this.#socket.write(Buffer.concat(commands.map(encodeCommand)));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(reply: Reply): void {
    const first = this.#waiting[0];
    if (first === undefined) {
      this.onPush?.(reply);
      return;
    }
    first.replies.push(reply);
    first.missing -= 1;
    if (first.missing > 0) return;
    this.#waiting.shift();
    first.settle(first.replies);
  }
}

/** A connection that is made when it is needed, and again when it was lost. */
export class Line {
  readonly #target: Target;
  #connection: Promise<Connection> | undefined;

  constructor(target: Target) {
    this.#target = target;
  }

  async send(commands: readonly Command[]): Promise<Reply[]> {
    return (await this.#connected()).send(commands);
  }

  /** One command that must succeed. */
  async ask(...command: string[]): Promise<Reply> {
    const [reply = null] = await this.send([command]);
    if (reply instanceof ReplyError) throw new Error(reply.message);
    return reply;
  }

  async close(): Promise<void> {
    (await this.#connection?.catch(() => undefined))?.close();
  }

  #connected(): Promise<Connection> {
    if (this.#connection === undefined) {
      const opening = Connection.open(this.#target);
      const forget = () => {
        if (this.#connection === opening) this.#connection = undefined;
      };
      opening.then(({ closed }) => closed.then(forget), forget);
      this.#connection = opening;
    }
    return this.#connection;
  }
}
