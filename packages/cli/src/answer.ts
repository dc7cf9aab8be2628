/** How the answer to a call about one backend is told, and what the program ends with. */
import {
  type CorruptRow,
  type HeartbeatResult,
  RegistryError,
  type RegistryOptions,
  type UnregisterResult,
  type UpdateResult,
} from '@backend-registry/core';
import type { Call } from './call.ts';
import { EXIT, type Exit } from './exit.ts';
import type { Io } from './io.ts';
import { idOf } from './layout.ts';
import type { PlaceOptions } from './place.ts';
import type { StoreRegistry } from './store.ts';
import { jsonOf, printable } from './text.ts';

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
export async function tellAnswer<A extends Answer>(
  io: Io,
  { unreadable }: Asked,
  url: string,
  answer: A,
  options: AnswerOptions,
  said: Readonly<Record<Exclude<A['status'], 'unknown' | 'fenced'>, string>>,
): Promise<Exit> {
  if (options.json) io.print(jsonOf(answer));
  const { status } = answer;
  if (status === 'unknown' || status === 'fenced') {
    io.say(status === 'unknown' ? ((await unreadable(url)) ?? notRegistered(url)) : fenced(url, options));
    return EXIT.no;
  }
  if (!options.json) io.print(`${printable(url)} ${said[status as keyof typeof said]}`);
  return EXIT.done;
}

export function notRegistered(url: string): string {
  return `${printable(url)} is not registered.`;
}

/** A registry, and what there is to say where it shows nothing of a backend: its row may be one that nobody can read. */
export interface Asked {
  readonly registry: StoreRegistry;
  /** `undefined`: it is not registered. */
  unreadable(url: string): Promise<string | undefined>;
}

export async function ask({ place, open }: Call, options: PlaceOptions, lease: RegistryOptions = {}): Promise<Asked> {
  const corrupt: CorruptRow[] = [];
  const registry = await open(place(options), { ...lease, onCorrupt: (row) => corrupt.push(row) });
  return {
    registry,
    async unreadable(url) {
      const id = await idOf(url);
      let isListed = false;
      try {
        if ((await registry.getBackend({ url })) !== null) return undefined;
        isListed = (await registry.listBackends()).some((backend) => backend.id === id);
      } catch (error) {
        // A user who may not read all rows is not told which of them are damaged.
        if (RegistryError.is(error, 'REFUSED')) return undefined;
        throw error;
      }
      const found = corrupt.find((row) => row.id === id);
      if (found === undefined) {
        return isListed
          ? `${printable(id)} stands in a part of the index only: backend-registry explain ${printable(id)}`
          : undefined;
      }
      return `${printable(id)} is registered, and its row cannot be read: ${printable(found.reason)}. Proxies leave it out: backend-registry explain ${printable(id)}`;
    },
  };
}

function fenced(url: string, { incarnation = '' }: AnswerOptions): string {
  return `${printable(url)} is registered by another life than ${printable(incarnation)}, and nothing was done. Without --incarnation, whichever is there is meant.`;
}
