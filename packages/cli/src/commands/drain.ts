import { type AnswerOptions, ask, refOf, tellAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { readDuration, showDuration } from '../duration.ts';
import { EXIT, type Exit } from '../exit.ts';
import { UsageError } from '../failure.ts';
import { type Idleness, untilIdle } from '../idle.ts';
import type { PlaceOptions } from '../place.ts';
import { jsonOf, printable } from '../text.ts';

interface Options extends PlaceOptions, AnswerOptions {
  readonly deadline?: string;
  readonly off?: boolean;
}

const UNDRAINED = { updated: 'does not drain any more', unchanged: 'did not drain' } as const;
const DRAINED = { updated: 'drains now', unchanged: 'drained already' } as const;

/** It never unregisters: a process that is alive would register again, and not drain then. */
export async function run(call: Call, url: string, options: Options): Promise<Exit> {
  const { io } = call;
  const { deadline, off = false, json = false } = options;
  if (off && deadline !== undefined)
    throw new UsageError('--off takes a drain back, and waits for nothing: leave --deadline out.');
  const deadlineMs = deadline === undefined ? undefined : readDuration(deadline, '--deadline');
  const asked = await ask(call, options);
  const { registry } = asked;
  const answer = await registry.drain(refOf(url, options), !off);
  const waits = deadlineMs !== undefined && (answer.status === 'updated' || answer.status === 'unchanged');
  // One answer, at the end, is what a program reads.
  const told = waits && json ? EXIT.done : await tellAnswer(io, asked, url, answer, options, off ? UNDRAINED : DRAINED);
  if (!waits) return told;

  const backend = await registry.getBackend({ url });
  const idleness: Idleness =
    backend === null ? { status: 'gone' } : await untilIdle(registry, backend, deadlineMs, io.signal);
  if (json) io.print(jsonOf({ ...answer, end: idleness }));
  else io.say(`${printable(backend?.id ?? url)} ${said(idleness, deadlineMs)}`);
  const isSafe = ['idle', 'gone', 'expired', 'unreported'].includes(idleness.status);
  return isSafe ? EXIT.done : EXIT.no;
}

function said(idleness: Idleness, deadlineMs: number): string {
  const waited = showDuration(deadlineMs);
  switch (idleness.status) {
    case 'idle':
      return 'has nothing in flight any more: stop it when you like.';
    case 'gone':
      return 'has left the registry.';
    case 'expired':
      return `has expired, with ${idleness.inFlight} in flight as it reported last: it has died, or does not reach the store.`;
    case 'lost':
      return `is not known to be idle: the store lost its data meanwhile, and ${idleness.inFlight} were in flight before.`;
    case 'unanswered':
      return `is not known to be idle: the store does not answer, and ${idleness.inFlight} were in flight before. It goes on draining.`;
    case 'replaced':
      return 'is registered by another life now, which does not drain.';
    case 'undrained':
      return 'does not drain any more: somebody has taken it back.';
    case 'unreported':
      return `has had ${waited}: nobody reports what is in flight there.`;
    case 'busy':
      return `still has ${idleness.inFlight} in flight after ${waited}. It goes on draining.`;
    case 'aborted':
      return 'goes on draining.';
  }
}
