/** Which commands the REST interface takes, and from whom. */
import type { Line } from './connection.ts';
import { type Command, type Reply, Status } from './resp.ts';

/** They need a connection of their own, or are the server's operator's. */
const REFUSED = new Set([
  'acl',
  'auth',
  'client',
  'cluster',
  'config',
  'discard',
  'exec',
  'hello',
  'latency',
  'module',
  'monitor',
  'multi',
  'psubscribe',
  'punsubscribe',
  'quit',
  'reset',
  'select',
  'slowlog',
  'sort',
  'sort_ro',
  'ssubscribe',
  'subscribe',
  'sunsubscribe',
  'unsubscribe',
  'unwatch',
  'wait',
  'watch',
]);

/** Blocks only when it is asked to. */
const BLOCKS_ON_REQUEST = new Set(['xread', 'xreadgroup']);

/** They touch no key. */
const HARMLESS = new Set(['command', 'echo', 'info', 'ping', 'time']);

export class Commands {
  readonly #flags: ReadonlyMap<string, ReadonlySet<string>>;

  private constructor(flags: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#flags = flags;
  }

  /** What the server itself knows of its commands. */
  static async of(line: Line): Promise<Commands> {
    const rows = (await line.ask('COMMAND')) as readonly (readonly Reply[])[];
    return new Commands(
      new Map(rows.map(([name, , flags]) => [String(name), new Set((flags as readonly Reply[]).map(textOf))])),
    );
  }

  /** Whether a replica may answer it. */
  isRead(command: Command): boolean {
    return this.#has(command, 'readonly');
  }

  /** Why it is refused; `undefined` where it is not. */
  refusal(command: Command, readOnly: boolean): string | undefined {
    const name = nameOf(command);
    const blocks = BLOCKS_ON_REQUEST.has(name)
      ? command.some((argument) => String(argument).toLowerCase() === 'block')
      : this.#has(command, 'blocking');
    if (REFUSED.has(name) || blocks || this.#has(command, 'admin')) {
      return `ERR Command is not available: '${name.toUpperCase()}'. See https://upstash.com/docs/redis/overall/rediscompatibility for details`;
    }
    const mayRead = (this.isRead(command) && name !== 'keys') || HARMLESS.has(name);
    if (readOnly && !mayRead && this.#flags.has(name)) {
      return `NOPERM this user has no permissions to run the '${name}' command`;
    }
    return undefined;
  }

  #has(command: Command, flag: string): boolean {
    return this.#flags.get(nameOf(command))?.has(flag) === true;
  }
}

export function nameOf(command: Command): string {
  return String(command[0] ?? '').toLowerCase();
}

function textOf(reply: Reply): string {
  return reply instanceof Status ? reply.text : String(reply);
}
