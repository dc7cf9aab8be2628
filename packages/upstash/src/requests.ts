/** Requests of our own to the REST interface: one command each, with a deadline that ends it. */
import { answered, late, notUpstash, unanswered } from './failures.ts';
import { listen, type Subscription } from './stream.ts';

export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

export class Requests {
  readonly #endpoint: Endpoint;
  readonly #timeoutMs: number;
  readonly #ending = new Set<AbortController>();
  #syncToken: string | null = null;

  constructor(endpoint: Endpoint, timeoutMs: number) {
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
  }

  async send(command: readonly string[]): Promise<unknown> {
    const { response, text } = await this.#fetch(command);
    return readAnswer(response, text);
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

  async #fetch(command: readonly string[]): Promise<{ response: Response; text: string }> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), Math.min(this.#timeoutMs, LONGEST_TIMER_MS));
    this.#ending.add(abort);
    try {
      const response = await fetch(this.#endpoint.url, this.#request(command, abort.signal));
      const text = await response.text();
      // A reader that has seen this much is not shown less, whichever replica answers.
      this.#syncToken = response.headers.get('upstash-sync-token') ?? this.#syncToken;
      return { response, text };
    } catch (cause) {
      if (!abort.signal.aborted) throw unanswered(cause);
      throw late(this.#timeoutMs, cause);
    } finally {
      clearTimeout(timer);
      this.#ending.delete(abort);
    }
  }

  #request(command: readonly string[], signal: AbortSignal): RequestInit {
    return {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#endpoint.token}`,
        'content-type': 'application/json',
        ...(this.#syncToken === null ? {} : { 'upstash-sync-token': this.#syncToken }),
      },
      body: JSON.stringify(command),
      redirect: 'manual',
      signal,
      ...UNCACHED,
    };
  }
}

/** Some frameworks keep what POST answers, unless they are told; some runtimes refuse to be told. */
const UNCACHED: RequestInit = 'cache' in Request.prototype ? { cache: 'no-store' } : {};
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function readAnswer({ ok, status }: Response, text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const { result, error } = Object(body) as { result?: unknown; error?: unknown };
  if (ok && result !== undefined) return result;
  if (typeof error === 'string' && status < 500) throw answered(error, status);
  if (status === 401 || status === 413 || status === 429) throw answered('', status);
  throw notUpstash(status);
}
