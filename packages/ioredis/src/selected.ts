import { notSelected } from '@backend-registry/core/redis';
import { type Command, Redis, type RedisOptions } from 'ioredis';
import { hearEveryError } from './errors.ts';

type Stream = Parameters<Redis['sendCommand']>[1];

/** What ioredis sends of itself on a new connection: it reads and writes nothing in any database. */
const HANDSHAKE = new Set(['auth', 'hello', 'client', 'info', 'readonly']);

/**
 * A client that sends nothing but in its database. ioredis goes on in database 0 where SELECT is refused, with what is called then, what waits in its queue, and
 * what it sends again after a connection was lost.
 */
export class SelectedRedis extends Redis {
  #selects = 0;
  /** Why the connection is not in its database. */
  #hindrance: Error | undefined;

  constructor(options: RedisOptions, url?: string) {
    // ioredis passes over what is undefined; its types do not say so.
    super(url as string, options as never);
    hearEveryError(this);
  }

  override sendCommand(command: Command, stream?: Stream): unknown {
    if (command.name === 'select') this.#heed(command);
    else if (this.#hindrance !== undefined && !HANDSHAKE.has(command.name)) {
      command.reject(this.#hindrance);
      return command.promise;
    }
    return super.sendCommand(command, stream);
  }

  /** ioredis sends it before anything else that it would write to a connection. */
  #heed({ args, promise }: Command): void {
    this.#selects += 1;
    const select = this.#selects;
    // Who was refused stays so until a later one is answered.
    this.#hindrance ??= new Error('The database is not selected yet.');
    promise.then(
      () => {
        if (select === this.#selects) this.#hindrance = undefined;
      },
      (error: Error) => {
        if (select !== this.#selects) return;
        this.#hindrance = notSelected(args[0], error);
        // What has changed by then, only a new connection can tell.
        if (this.#hindrance !== error) this.disconnect(true);
      },
    );
  }
}
