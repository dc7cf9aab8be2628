/** Clocks and round trips. */
import { type Raw, reasonOf } from '../raw.ts';
import { type Check, fail, ok, warn } from './check.ts';

const ROUNDS = 15;

export async function checkRoundTrip(raw: Raw, timeoutMs: number): Promise<Check> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    // What every role may do; PING is not.
    await raw.call('EVAL', 'return 1', 0);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  const said = `A round trip takes ${median.toFixed(2)} ms, the longest of ${ROUNDS} ${(times.at(-1) ?? Number.NaN).toFixed(2)} ms.`;
  if (median * 10 < timeoutMs) return ok('round trip', said);
  return warn(
    'round trip',
    said,
    `That is close to the deadline of a call, ${timeoutMs} ms: run nearer to the store, or raise --timeout (commandTimeoutMs).`,
  );
}

/** Skewed clocks break nothing here: leases run by the clock of the store. Times that people compare are another matter. */
export async function checkClock(raw: Raw): Promise<Check> {
  const name = 'clock';
  try {
    const began = Date.now();
    const [seconds, micros] = (await raw.call('TIME')) as [string | number, string | number];
    const ended = Date.now();
    const aheadMs = Number(seconds) * 1_000 + Number(micros) / 1_000 - (began + ended) / 2;
    const said = `The clock of the store is ${Math.abs(Math.round(aheadMs))} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} the one here`;
    if (Math.abs(aheadMs) < 1_000 + (ended - began) / 2) return ok(name, `${said}. Leases run by the store's alone.`);
    return warn(
      name,
      `${said}. Leases run by the store's alone, and stay right; times in logs do not.`,
      'Synchronise both (NTP).',
    );
  } catch (error) {
    return warn(name, `The time of the store cannot be asked (${reasonOf(error)}).`);
  }
}

export async function checkScripts(raw: Raw): Promise<Check> {
  const name = 'scripts';
  try {
    const answer = await raw.call('EVAL', 'return 1', 0);
    if (Number(answer) === 1) return ok(name, 'Scripts run.');
    return fail(name, 'The server runs scripts and gives another answer than theirs.', 'Is there a proxy in between?');
  } catch (error) {
    const why = reasonOf(error);
    const remedy =
      why === 'BUSY'
        ? 'Another script has been running for too long: SCRIPT KILL, or wait.'
        : 'Every write of the registry is one: allow EVAL and EVALSHA.';
    return fail(name, `The server runs no scripts (${why}).`, remedy);
  }
}
