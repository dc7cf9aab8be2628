/** Requests of our own to the REST interface, each with a deadline that ends it. */
import { readText } from './body.ts';
import { answered, late, notUpstash, unanswered } from './failures.ts';
import { listen, type Subscription } from './stream.ts';

export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

interface Call {
  /** As JSON. */
  readonly command: string;
  /** When nobody waits for its answer any more, by `performance.now()`. */
  readonly until: number;
  readonly settle: (answer: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** Well under the 10 MB that Upstash takes: what is not ASCII is up to three times as long in bytes. */
const LONGEST_REQUEST = 3_000_000;

export class Requests {
  readonly #endpoint: Endpoint;
  readonly #timeoutMs: number;
  readonly #ending = new Set<AbortController>();
  #calls: Call[] = [];
  #syncToken: string | null = null;

  constructor(endpoint: Endpoint, timeoutMs: number) {
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
  }

  /** What is sent in one turn, as the parts of one operation are, is one request. */
  send(command: readonly string[], until: number): Promise<unknown> {
    return new Promise((settle, fail) => {
      const call = { command: JSON.stringify(command), until, settle, fail };
      if (this.#calls.push(call) === 1) void Promise.resolve().then(() => this.#flush());
    });
  }

  subscribe(channel: string, subscription: Subscription): () => void {
    const abort = new AbortController();
    this.#ending.add(abort);
    void listen(this.#endpoint, channel, subscription, abort.signal);
    return () => {
      abort.abort();
      this.#ending.delete(abort);
    };
  }

  close(): void {
    for (const abort of this.#ending) abort.abort();
  }

  #flush(): void {
    const calls = this.#calls;
    this.#calls = [];
    for (let from = 0, to = 0; from < calls.length; from = to) {
      let length = 0;
      do length += calls[to++]?.command.length ?? 0;
      while (to < calls.length && length + (calls[to]?.command.length ?? 0) < LONGEST_REQUEST);
      void this.#request(calls.slice(from, to));
    }
  }

  /** Settles each of the calls. Never rejects. */
  async #request(calls: readonly Call[]): Promise<void> {
    const until = Math.max(...calls.map((call) => call.until));
    try {
      if (calls.length === 1) {
        for (const { command, settle } of calls) settle(resultOf(await this.#post('', command, until)));
        return;
      }
      const answers = await this.#post('/pipeline', `[${calls.map(({ command }) => command).join()}]`, until);
      for (const [n, { settle, fail }] of calls.entries()) {
        try {
          settle(resultOf(Array.isArray(answers) ? answers[n] : undefined));
        } catch (error) {
          fail(error);
        }
      }
    } catch (error) {
      for (const { fail } of calls) fail(error);
    }
  }

  /** What was answered, unless it is an error as a whole. It ends with the last call that waits for it. */
  async #post(path: string, body: string, until: number): Promise<unknown> {
    const abort = new AbortController();
    // A process that was held up can come too late.
    const leftMs = Math.max(0, until - performance.now());
    const timer = setTimeout(() => abort.abort(), Math.min(leftMs, LONGEST_TIMER_MS));
    this.#ending.add(abort);
    try {
      const response = await fetch(this.#endpoint.url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#endpoint.token}`,
          'content-type': 'application/json',
          ...(this.#syncToken === null ? {} : { 'upstash-sync-token': this.#syncToken }),
        },
        body,
        redirect: 'manual',
        signal: abort.signal,
        ...UNCACHED,
      }).catch((error: unknown) => {
        throw unanswered(error);
      });
      const text = await readText(response);
      // A reader that has seen this much is not shown less, whichever replica answers.
      this.#syncToken = response.headers.get('upstash-sync-token') ?? this.#syncToken;
      return readBody(response, text, new URL(this.#endpoint.url).pathname !== '/');
    } catch (error) {
      throw abort.signal.aborted ? late(this.#timeoutMs, error) : error;
    } finally {
      clearTimeout(timer);
      this.#ending.delete(abort);
    }
  }
}

/** Some frameworks keep what POST answers, unless they are told; some runtimes refuse to be told. */
const UNCACHED: RequestInit = 'cache' in Request.prototype ? { cache: 'no-store' } : {};
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function readBody({ ok, status }: Response, text: string, path: boolean): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (ok && body !== undefined) return body;
  const { error } = Object(body) as { error?: unknown };
  if (status >= 500) throw notUpstash(status);
  throw answered(typeof error === 'string' ? error : '', status, path);
}

function resultOf(answer: unknown): unknown {
  const { result, error } = Object(answer) as { result?: unknown; error?: unknown };
  if (typeof error === 'string') throw answered(error);
  if (result === undefined) throw notUpstash();
  return result;
}
