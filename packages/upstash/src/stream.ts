/** A subscription over HTTP: server-sent events, which end without a word. What they lose, the poll of a watcher finds. */
import type { Endpoint } from './requests.ts';

export interface Subscription {
  /** At each message. */
  readonly onMessage: (message: string) => void;
  /** Messages may have been missed: at the beginning, and after each time that it began anew. */
  readonly onReady: () => void;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;
/** How long a stream must have lasted for the next one to begin soon. */
const LASTING_MS = 5_000;
/** How long Upstash may take to confirm a subscription. */
const CONFIRM_MS = 10_000;
const LONGEST_LINE = 2 ** 20;
/** A stream that nothing comes through looks like one through which nothing can come: each is made anew in time. */
const LONGEST_STREAM_MS = 300_000;

/** Listens until the signal aborts. Never rejects. */
export async function listen(
  endpoint: Endpoint,
  channel: string,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const began = performance.now();
    const confirmed = await stream(endpoint, channel, subscription, signal);
    // One that ends as soon as it was confirmed is no better than one that never was.
    failures = confirmed && performance.now() - began > LASTING_MS ? 1 : failures + 1;
    await pause(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)), signal);
  }
}

/** One stream, to its end. @returns whether it had begun */
async function stream(
  { url, token }: Endpoint,
  channel: string,
  { onMessage, onReady }: Subscription,
  signal: AbortSignal,
): Promise<boolean> {
  const abort = new AbortController();
  const end = () => abort.abort();
  let timer = setTimeout(end, CONFIRM_MS);
  signal.addEventListener('abort', end);
  let confirmed = false;
  try {
    const response = await fetch(`${url}/subscribe/${encodeURIComponent(channel)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      redirect: 'manual',
      signal: abort.signal,
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return false;
    }
    for await (const line of linesOf(response.body)) {
      if (line.startsWith('data: subscribe,')) {
        confirmed = true;
        clearTimeout(timer);
        timer = setTimeout(end, LONGEST_STREAM_MS * (0.9 + Math.random() / 5));
        onReady();
      } else if (line.startsWith('data: message,')) {
        const start = `data: message,${channel},`;
        onMessage(line.startsWith(start) ? line.slice(start.length) : '');
      }
    }
  } catch {
    // However it ended, it begins anew.
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    abort.abort();
  }
  return confirmed;
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
    // No message of a registry is that long.
    if (rest.length > LONGEST_LINE) throw new Error('A line without an end');
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms * (0.8 + 0.4 * Math.random()));
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
