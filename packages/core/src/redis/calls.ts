/** How a call reaches the store: scripts by their SHA-1, again while the failure is a passing one, and never longer than the deadline. */
import { backoff, closedError, Ending, sleep, startTimer, whenAborted, withDeadline } from '../timing.ts';
import type { RedisDriver, Script } from './driver.ts';
import { isNoScript, isPassing, isReply, toFailure } from './failures.ts';
import type { Keys } from './keys.ts';
import type { Listed } from './page.ts';
import { scripts } from './scripts.ts';
import { strange } from './strange.ts';

const FIRST_RETRY_MS = 10;
/** A connection that was silent for so long is given up. A server that is busy with somebody's script says so after five seconds. */
const SILENT_MS = 6_000;

/** What a look at everything is known by, whoever needs it. */
export const LOOKING = 'listBackends';

/** A document, and what the index says of it. */
export interface Indexed {
  readonly id: string;
  readonly version: number | undefined;
  readonly text: string | null;
}

export class Calls {
  /** Called when a call was not answered after others were: who answers the next one may be another server. */
  onLost: (() => void) | undefined;
  /** The longest that a call takes. */
  readonly deadlineMs: number;
  readonly #driver: RedisDriver;
  readonly #closed: Ending;
  #answered = false;
  /** The pause of those that have failed just now. */
  #resting: Promise<void> | undefined;
  /** When something was asked of which nothing was answered yet, nor of what was asked since; time in which nothing is asked does not count. */
  #askedAt: number | undefined;
  /** Calls that are under way, and when there was none any more. */
  #asking = 0;
  #restedAt = 0;

  constructor(driver: RedisDriver, commandTimeoutMs: number, closed: Ending) {
    this.#driver = driver;
    this.deadlineMs = commandTimeoutMs;
    this.#closed = closed;
  }

  /** Runs one script. Safe to send again, as every script is. @param doing what its caller knows it by, with which a failure begins */
  run(
    name: keyof typeof scripts,
    keys: readonly string[],
    args: readonly string[],
    doing: string = name,
  ): Promise<unknown> {
    return this.runScript(doing, scripts[name], keys, args);
  }

  /** One that is loaded apart. */
  runScript(
    doing: string,
    { sha, source }: Script,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown> {
    return this.persist(doing, async (until) => {
      try {
        return await this.#driver.evalsha(sha, keys, args, until);
      } catch (error) {
        if (!isNoScript(error)) throw error;
        return this.#driver.eval(source, keys, args, until);
      }
    });
  }

  /** Whether {@link read} may give documents that are older than what a script has told of them. */
  get mayLag(): boolean {
    return this.#driver.mget !== undefined && this.#driver.oneServer !== true;
  }

  /** The documents of these, in their order; `null` for what is not there. Of a client that reads from replicas, they may be old. */
  async read(keys: Keys, listed: readonly Listed[]): Promise<readonly (string | null)[]> {
    if (this.#driver.mget === undefined) return (await this.documents(keys, listed)).map(({ text }) => text);
    return this.mget(listed.map(({ id }) => keys.document(id)));
  }

  mget(keys: readonly string[]): Promise<readonly (string | null)[]> {
    return this.persist(LOOKING, async () => (await this.#driver.mget?.(keys)) ?? strange());
  }

  /** The documents of these, and the version of each in the index, `undefined` for those that are not registered. Never from a replica. */
  async documents(keys: Keys, listed: readonly Listed[]): Promise<Indexed[]> {
    const names = [keys.versions, ...listed.map(({ id }) => keys.document(id))];
    const ids = listed.map(({ id }) => id);
    const reply = await this.run('documents', names, ids, LOOKING);
    if (!Array.isArray(reply) || reply.length !== 2 * ids.length) return strange();
    return ids.map((id, n) => {
      const [version, text] = [String(reply[2 * n]), String(reply[2 * n + 1])];
      return { id, version: version === '' ? undefined : Number(version), text: text === '' ? null : text };
    });
  }

  /** The answer of some work of several requests, in the time of one. @param failure what is known of why it takes so long */
  inTime<T>(doing: string, work: Promise<T>, failure?: () => unknown): Promise<T> {
    const why = () => {
      this.#breakSilence();
      const known = this.#driver.trouble?.() ?? failure?.();
      return known === undefined ? undefined : toFailure(known, doing);
    };
    return withDeadline(work, { ms: this.deadlineMs, doing, closed: this.#closed, why });
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

  /** When a call that begins now is given up, by `performance.now()`. */
  get until(): number {
    return performance.now() + this.deadlineMs;
  }

  /** Tries until it succeeds, fails for good, or the time is over. */
  persist<T>(doing: string, attempt: (until: number) => Promise<T>): Promise<T> {
    const closed = this.#closed;
    if (closed.aborted) return Promise.reject(closedError(doing));
    const deadline = this.until;
    let last: unknown;
    const work = async (): Promise<T> => {
      for (let failures = 1; ; failures += 1) {
        this.#ask();
        try {
          const answer = await attempt(deadline);
          this.#askedAt = undefined;
          this.#answered = true;
          return answer;
        } catch (error) {
          const answered = isReply(error);
          if (answered) {
            this.#askedAt = undefined;
          } else {
            if (this.#answered) this.onLost?.();
            this.#breakSilence();
          }
          // What the server has answered says more than that a call was not sent, and so does what a client tells of its connection.
          if (answered) last = error;
          else if (!isReply(last)) last = this.#driver.trouble?.() ?? error;
          const firstMs = this.#driver.firstRetryMs ?? FIRST_RETRY_MS;
          const pauseMs = backoff(failures, firstMs, 20 * firstMs);
          if (!isPassing(last) || performance.now() + pauseMs >= deadline) throw toFailure(last, doing);
          await this.#rest(pauseMs);
          if (closed.aborted) throw closedError(doing);
        } finally {
          this.#asking -= 1;
          if (this.#asking === 0) this.#restedAt = performance.now();
        }
      }
    };
    return this.inTime(doing, work(), () => last);
  }

  #ask(): void {
    const now = performance.now();
    if (this.#askedAt === undefined) this.#askedAt = now;
    else if (this.#asking === 0) this.#askedAt += now - this.#restedAt;
    this.#asking += 1;
  }

  #breakSilence(): void {
    if (!this.#isSilent) return;
    // A process that has slept finds its timers first, and what has come meanwhile after them.
    startTimer(0, () => {
      if (!this.#isSilent) return;
      this.#askedAt = undefined;
      this.#driver.reconnect?.();
    });
  }

  get #isSilent(): boolean {
    return !this.#closed.aborted && performance.now() - (this.#askedAt ?? Number.POSITIVE_INFINITY) >= SILENT_MS;
  }

  /** Those that have failed together are sent again together: over HTTP, they are one request. */
  #rest(pauseMs: number): Promise<void> {
    if (this.#resting === undefined) {
      this.#resting = sleep(pauseMs, this.#closed);
      void Promise.resolve().then(() => {
        this.#resting = undefined;
      });
    }
    return this.#resting;
  }
}
