/** What one client library must do for the registry: all that an adapter implements. */

/** A Lua script with its SHA-1, built from `lua/`. */
export interface Script {
  readonly sha: string;
  readonly source: string;
}

/**
 * A thin port to one client. Its promises reject with whatever the client rejects with, or with a `RegistryError` of the driver's own. A message that begins with a
 * word in capitals, as those of Redis do, says that trying again does not help.
 */
export interface RedisDriver {
  /**
   * EVALSHA. Every key is declared; every argument and part of a reply is a string or an integer. Nobody waits for the answer any more at `until`, by
   * `performance.now()`: a driver that can end what it has sent does so then.
   */
  evalsha(sha: string, keys: readonly string[], args: readonly string[], until: number): Promise<unknown>;
  /** EVAL, after EVALSHA was answered with NOSCRIPT. */
  eval(source: string, keys: readonly string[], args: readonly string[], until: number): Promise<unknown>;
  /** MGET, where it is cheaper than a script. All keys are in one slot. A replica may answer: what lags is read again from the primary. */
  mget?(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** Whether the server that runs the scripts answers MGET too, and never a replica. Default: no. A first list is faster where it does. */
  readonly oneServer?: boolean;
  /**
   * Resolves, and never rejects, when what was called in this turn of the event loop has left this process. For a client that writes at the end of a turn, so that
   * the server runs one of many scripts while the next one is made; not for one that writes at once.
   */
  written?(): Promise<void>;
  /**
   * SUBSCRIBE, where the client can. `onMessage` with each message, in their order; `onReady` whenever messages may have been missed: when the subscription begins,
   * and after each reconnect. Resolves to how it ends.
   */
  subscribe?(channel: string, onMessage: (message: string) => void, onReady: () => void): Promise<() => Promise<void>>;
  /** Pause before a call that has failed is sent again, in ms. It doubles each time, up to twenty times as long. Default 10. */
  readonly firstRetryMs?: number;
  /** Whose clock scripts go by. Default: the store's. */
  clock?(): 'store' | 'client';
  /** Why there is no connection, where the client has told: its error, and `undefined` while there is one. */
  trouble?(): unknown;
  /**
   * Gives up connections that are open and bring no answer, and makes new ones. Nothing is known to be wrong with them: whoever is at their other end hangs, or has
   * been replaced, or a firewall has forgotten them, and nobody else would notice for many minutes. Not called once the registry is closed.
   */
  reconnect?(): void;
  /**
   * One step of SCAN, from the cursor `'0'` until that is the next one: what else a cursor is, is the adapter's business. On a Cluster it goes through every
   * node that may have the keys. Keys come as the registry spells them, without a prefix that the client puts before them.
   */
  scan?(cursor: string, pattern: string, count: number): Promise<[cursor: string, keys: string[]]>;
  /** Frees what the adapter created, and nothing that the caller passed in. Never rejects. */
  close(): Promise<void>;
}
