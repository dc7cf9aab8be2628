import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { BackendRegistry } from '@backend-registry/core';
import { restoreBackends, type StoredBackend } from '@backend-registry/core/move';
import type { Call } from '../call.ts';
import { EXIT, type Exit } from '../exit.ts';
import { readExport } from '../export-file.ts';
import { fileName, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import type { PlaceOptions } from '../place.ts';
import { Progress } from '../progress.ts';
import { count, isLeftOut, nameSome, backends as showBackends, Tally } from '../tally.ts';
import { jsonOf, printable } from '../text.ts';

interface Options extends PlaceOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const PART = 500;
const MOST_BAD = 20;

export async function run({ io, place, open }: Call, file: string, options: Options): Promise<Exit> {
  const where = place(options);
  const { backends, bad } = await readFile(io, file);
  if (io.interrupted) return EXIT.interrupted;
  if (bad.length > 0) {
    for (const { line, reason } of bad.slice(0, MOST_BAD)) io.say(`line ${line}: ${printable(reason)}`);
    if (bad.length > MOST_BAD) io.say(`… and ${count(bad.length - MOST_BAD)} more`);
    throw new UsageError(`${name(file)} cannot be imported as it is. Nothing was written.`);
  }
  const registry = await open(where);
  const tally = new Tally();
  const { dryRun = false } = options;
  using progress = new Progress(io);
  for (let from = 0; from < backends.length; from += PART) {
    const part = backends.slice(from, from + PART);
    const written = (most: number): string =>
      `${most === from ? '' : `${count(from)} to `}${count(most)} of ${count(backends.length)} were written, each of them whole. The same command goes on.`;
    if (io.interrupted) {
      progress.clear();
      io.say(`Interrupted: ${dryRun ? 'nothing was written.' : written(from)}`);
      return EXIT.interrupted;
    }
    try {
      for (const result of await restoreBackends(registry, part, { dryRun })) tally.add(result);
    } catch (error) {
      progress.clear();
      if (!dryRun) io.say(written(from + part.length));
      throw error;
    }
    progress.show(`${count(from)} of ${count(backends.length)}`);
  }
  let missing = tally.ids('foreign');
  try {
    if (!dryRun) missing = await missingOf(registry, backends, tally);
  } catch (error) {
    progress.clear();
    io.say(
      `${showBackends(tally.copied)} of ${name(file)} were written. Whether all are there could not be looked at.`,
    );
    throw error;
  }
  progress.clear();
  if (options.json) {
    io.print(jsonOf({ ...tally.toJSON(), missing }));
    return missing.length === 0 ? EXIT.done : EXIT.no;
  }
  tally.tell(io);
  if (missing.length > 0) {
    const are = `${missing.length === 1 ? 'is' : 'are'}${dryRun ? ' not to be' : ' not'}`;
    io.say(`${showBackends(missing.length)} of ${name(file)} ${are} in ${where.shown}:`);
    nameSome({ ...io, print: io.say }, missing);
    io.say(
      dryRun
        ? 'Nothing was written.'
        : 'Does the store keep what is written? backend-registry doctor looks at its memory and its rows; then run this again.',
    );
    return EXIT.no;
  }
  const there = tally.copied + tally.ids('present').length;
  if (backends.length > 0 && tally.ids('expired').length === backends.length)
    io.say('All of these leases have ended since they were written: backends that live register again by themselves.');
  io.say(
    dryRun
      ? 'Nothing was written.'
      : `${showBackends(there)} of ${name(file)} ${there === 1 ? 'is' : 'are'} in ${where.shown}.`,
  );
  return EXIT.done;
}

/**
 * Those that should be there by what the store has answered, and are not. They are written once more, for the answer says why: it has lost its data meanwhile, or a lease
 * has ended, or somebody has unregistered them.
 */
export async function missingOf(
  registry: BackendRegistry,
  backends: readonly StoredBackend[],
  tally: Tally,
): Promise<string[]> {
  const look = async (): Promise<StoredBackend[]> => {
    const listed = new Set((await registry.listBackends()).map(({ id }) => id));
    return backends.filter(({ id }) => !listed.has(id) && !isLeftOut(tally.get(id)));
  };
  const missing = await look();
  if (missing.length === 0) return [];
  for (const result of await restoreBackends(registry, missing)) tally.add(result);
  return (await look()).map(({ id }) => id);
}

function name(file: string): string {
  return file === '-' ? 'stdin' : fileName(file);
}

async function readFile(io: Io, file: string): ReturnType<typeof readExport> {
  const input = file === '-' ? io.stdin : createReadStream(file);
  if (file !== '-') io.opening(once(input, 'open')).catch(() => undefined);
  // A byte that is no UTF-8 would become a character of its own.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  input.setEncoding('latin1');
  const stop = (): void => void input.destroy();
  io.signal.addEventListener('abort', stop);
  const failure = new Promise<never>((_, reject) => input.once('error', reject));
  failure.catch(() => undefined);
  async function* decoded(): AsyncGenerator<string> {
    for await (const line of linesOf(input)) {
      let text = line;
      try {
        text = decoder.decode(Uint8Array.from(line, (character) => character.charCodeAt(0)));
      } catch {
        text = '\ufffd';
      }
      yield text;
    }
  }
  try {
    return await Promise.race([readExport(decoded()), failure]);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new UsageError(`${name(file)} cannot be read (${code}).`, { cause });
  } finally {
    io.signal.removeEventListener('abort', stop);
  }
}

/** No backend is as long. */
const LONGEST_LINE = 16 * 2 ** 20;

/** What stands between ends of lines. Throws a {@link UsageError} where there is none for too long. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  // What has no end yet, in pieces: to look through them again for each new one would take for ever.
  let pieces: string[] = [];
  let length = 0;
  let number = 1;
  for await (const chunk of chunks) {
    const [first = '', ...others] = chunk.split('\n');
    pieces.push(first);
    length += first.length;
    const last = others.pop();
    if (last !== undefined) {
      for (const line of [pieces.join(''), ...others]) yield line.replace(/\r$/, '');
      number += others.length + 1;
      pieces = [last];
      length = last.length;
    }
    if (length > LONGEST_LINE)
      throw new UsageError(`Line ${number} is longer than ${LONGEST_LINE / 2 ** 20} MiB: this is no export.`);
  }
  if (length > 0) yield pieces.join('');
}
