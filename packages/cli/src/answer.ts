/** How the answer to a call about one backend is told, and what the program ends with. */
import type { HeartbeatResult, UnregisterResult, UpdateResult } from '@backend-registry/core';
import { EXIT, type Exit } from './exit.ts';
import type { Io } from './io.ts';
import { printable } from './text.ts';

type Answer = HeartbeatResult | UpdateResult | UnregisterResult;

export interface AnswerOptions {
  readonly json?: boolean;
  /** Names the life that was meant. */
  readonly incarnation?: string;
}

/** Options of a call as the registry takes them: `undefined` is left out. */
export function refOf(url: string, { incarnation }: AnswerOptions): { url: string; incarnation?: string } {
  return { url, ...(incarnation !== undefined && { incarnation }) };
}

/** @param said the line where it was done, by status */
export function tellAnswer<A extends Answer>(
  io: Io,
  url: string,
  answer: A,
  options: AnswerOptions,
  said: Readonly<Record<Exclude<A['status'], 'unknown' | 'fenced'>, string>>,
): Exit {
  if (options.json) io.print(JSON.stringify(answer));
  const { status } = answer;
  if (status === 'unknown' || status === 'fenced') {
    io.say(status === 'unknown' ? notRegistered(url) : fenced(url, options));
    return EXIT.no;
  }
  if (!options.json) io.print(`${printable(url)} ${said[status as keyof typeof said]}`);
  return EXIT.done;
}

export function notRegistered(url: string): string {
  return `${printable(url)} is not registered.`;
}

function fenced(url: string, { incarnation = '' }: AnswerOptions): string {
  return `${printable(url)} is registered by another life than ${printable(incarnation)}, and nothing was done. Without --incarnation, whichever is there is meant.`;
}
