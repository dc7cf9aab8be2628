import { RegistryError } from '@backend-registry/core';
import type { RedisDriver } from '@backend-registry/core/redis';
import type { UpstashClient, UpstashPipeline } from './client.ts';
import { dialect, readReply, withTime } from './dialect.ts';
import { thrown } from './failures.ts';
import type { Requests } from './requests.ts';
import { shas } from './scripts.ts';

/** Each attempt is a request that is billed, of a store that may have too many already. */
const FIRST_RETRY_MS = 50;

/** Runs scripts: all that the registry asks of Upstash. Their replies come from the primary, never from a replica that lags. */
interface Runner {
  evalsha(sha: string, keys: readonly string[], args: readonly string[], until: number): Promise<unknown>;
  eval(source: string, keys: readonly string[], args: readonly string[], until: number): Promise<unknown>;
  /** What a reply is that is none of a script. */
  strange(): RegistryError;
}

/** The port to a client of the caller's. It polls: the client's subscriptions end without a word. */
export function clientDriver(client: UpstashClient): RedisDriver {
  const run = async (fill: (pipeline: UpstashPipeline) => { exec(): Promise<unknown[]> }): Promise<unknown> => {
    try {
      const [reply] = await fill(client.pipeline()).exec();
      return reply;
    } catch (error) {
      throw thrown(error);
    }
  };
  return driver({
    evalsha: (sha, keys, args) => run((pipeline) => pipeline.evalsha(sha, [...keys], [...args])),
    eval: (source, keys, args) => run((pipeline) => pipeline.eval(source, [...keys], [...args])),
    strange: madeUp,
  });
}

/** The port to requests of our own, which end with the registry. */
export function requestsDriver(requests: Requests, subscribes: boolean): RedisDriver {
  const port: RedisDriver = {
    ...driver({
      evalsha: (sha, keys, args, until) =>
        requests.send(['EVALSHA', sha, String(keys.length), ...keys, ...args], until),
      eval: (source, keys, args, until) =>
        requests.send(['EVAL', source, String(keys.length), ...keys, ...args], until),
      strange,
    }),
    close: async () => requests.close(),
  };
  if (!subscribes) return port;
  return {
    ...port,
    async subscribe(channel, onMessage, onReady) {
      const end = requests.subscribe(channel, { onMessage, onReady });
      return async () => end();
    },
  };
}

function driver(runner: Runner): RedisDriver {
  /** Whose time scripts go by: that of this process once the database has refused TIME to one. It is the first command of each, so nothing was done. */
  let clock: 'store' | 'client' = 'store';
  const checked = (reply: unknown): unknown => {
    const read = readReply(reply);
    if (read === undefined) throw runner.strange();
    return read;
  };
  const runWhole: RedisDriver['eval'] = async (source, keys, args, until) => {
    const by = clock;
    try {
      return checked(await runner.eval(dialect(source, by), keys, by === 'client' ? withTime(args) : args, until));
    } catch (error) {
      if (by === 'client' || !isRefusedInScripts(error)) throw error;
      clock = 'client';
      return runWhole(source, keys, args, until);
    }
  };
  return {
    async evalsha(sha, keys, args, until) {
      const own = clock === 'store' ? shas[sha] : undefined;
      // A script of a newer core, or one that is told the time: it is sent whole.
      if (own === undefined) throw new Error('NOSCRIPT This script is not known here');
      try {
        return checked(await runner.evalsha(own, keys, args, until));
      } catch (error) {
        throw isRefusedInScripts(error) ? new Error('NOSCRIPT This script must be told the time') : error;
      }
    },
    eval: runWhole,
    firstRetryMs: FIRST_RETRY_MS,
    clock: () => clock,
    close: () => Promise.resolve(),
  };
}

function isRefusedInScripts(error: unknown): boolean {
  return error instanceof Error && /not allowed from script/.test(error.message);
}

function strange(): RegistryError {
  return new RegistryError(
    'CORRUPT_REPLY',
    'REPLY: the answer is not what the script has replied. Is a proxy in between, or something else at this address?',
  );
}

/** A client whose signal has aborted answers with the reason, as if Redis had; a proxy in between may answer anything. */
function madeUp(): RegistryError {
  return new RegistryError(
    'UNAVAILABLE',
    'The answer is not what the script has replied. Was the signal of the client aborted, or is a proxy in between?',
  );
}
