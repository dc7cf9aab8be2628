/** How a call reaches the store: scripts by their SHA-1, again while the failure is a passing one, and never longer than the deadline. */
import { backoff, closedError, Ending, sleep, whenAborted, withDeadline } from '../timing.ts';
import type { RedisDriver } from './driver.ts';
import { isNoScript, isPassing, isReply, toFailure } from './failures.ts';
import { scripts } from './scripts.ts';
import { strange } from './strange.ts';

const FIRST_RETRY_MS = 10;
const LONGEST_RETRY_MS = 200;

export class Calls {
  /** The longest that a call takes. */
  readonly deadlineMs: number;
  readonly #driver: RedisDriver;
  readonly #closed: Ending;

  constructor(driver: RedisDriver, commandTimeoutMs: number, closed: Ending) {
    this.#driver = driver;
    this.deadlineMs = commandTimeoutMs;
    this.#closed = closed;
  }

  /** Runs one script. Safe to send again, as every script is. */
  run(name: keyof typeof scripts, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const { sha, source } = scripts[name];
    return this.persist(name, async () => {
      try {
        return await this.#driver.evalsha(sha, keys, args);
      } catch (error) {
        if (!isNoScript(error)) throw error;
        return this.#driver.eval(source, keys, args);
      }
    });
  }

  async mget(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const driver = this.#driver;
    if (driver.mget === undefined) return this.documents(keys);
    return this.persist('read', async () => (await driver.mget?.(keys)) ?? []);
  }

  /** As `mget`, and never from a replica. */
  async documents(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const texts = await this.run('documents', keys, []);
    return Array.isArray(texts) ? texts.map((text) => (text === '' ? null : String(text))) : strange();
  }

  /** Whether this is settled within so long, or the handle is closed. */
  async within(ms: number, work: Promise<unknown>): Promise<boolean> {
    const awake = new Ending();
    const release = whenAborted(this.#closed, () => awake.abort());
    let settled = false;
    const settle = () => {
      settled = true;
      awake.abort();
    };
    work.then(settle, settle);
    await sleep(ms, awake);
    release();
    return settled || this.#closed.aborted;
  }

  /** Tries until it succeeds, fails for good, or the time is over. */
  persist<T>(doing: string, attempt: () => Promise<T>): Promise<T> {
    const closed = this.#closed;
    if (closed.aborted) return Promise.reject(closedError(doing));
    const deadline = performance.now() + this.deadlineMs;
    let last: unknown;
    const work = async (): Promise<T> => {
      for (let failures = 1; ; failures += 1) {
        try {
          return await attempt();
        } catch (error) {
          // What the server has answered says more than that a call was not sent, and so does what a client tells of its connection.
          if (isReply(error)) last = error;
          else if (!isReply(last)) last = this.#driver.trouble?.() ?? error;
          const pauseMs = backoff(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS);
          if (closed.aborted || !isPassing(last) || performance.now() + pauseMs >= deadline)
            throw toFailure(last, doing);
          await sleep(pauseMs, closed);
        }
      }
    };
    const why = () => {
      const reason = this.#driver.trouble?.() ?? last;
      return reason === undefined ? undefined : toFailure(reason, doing);
    };
    return withDeadline(work(), { ms: this.deadlineMs, doing, closed, why });
  }
}
