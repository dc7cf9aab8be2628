import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open as openFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { storedBackends } from '@backend-registry/core/move';
import type { Call } from '../call.ts';
import { epochOf, NO_EPOCH } from '../epoch.ts';
import { EXIT, type Exit } from '../exit.ts';
import { backendLine, endLine, headerLine } from '../export-file.ts';
import { fileName, StoreError, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import type { PlaceOptions } from '../place.ts';
import { Progress } from '../progress.ts';
import { backends, count, nameSome } from '../tally.ts';

export async function run({ io, place, open }: Call, file: string | undefined, options: PlaceOptions): Promise<Exit> {
  const where = place(options);
  const registry = await open(where);
  await using sink = file === undefined || file === '-' ? stdoutSink(io) : await sinkOf(io, file);
  using progress = new Progress(io);
  const corrupt: string[] = [];
  let written = 0;
  let expired = 0;
  let began: string | undefined;
  try {
    for await (const page of storedBackends(registry, { signal: io.signal })) {
      const lines = page.backends.map(backendLine);
      if (began === undefined) lines.unshift(headerLine(page.epoch, Date.now()));
      began ??= page.epoch;
      await sink.write(lines);
      written += page.backends.length;
      expired += page.backends.filter(({ expiresInMs }) => expiresInMs === 0).length;
      for (const { id, reason } of page.corrupt) corrupt.push(`${id}: ${reason}`);
      if (file !== undefined && file !== '-') progress.show(`${count(written)} of ${count(page.total)}`);
    }
    io.signal.throwIfAborted();
    if (began !== NO_EPOCH && (await epochOf(registry)) !== began) {
      progress.clear();
      io.say(
        `${where.shown} has lost its data meanwhile: what is written so far is not whole, and import refuses it. Run it again when its backends are back.`,
      );
      return EXIT.no;
    }
    await sink.write([endLine(written)]);
    await sink.finish();
  } catch (error) {
    if (!io.signal.aborted) throw error;
    progress.clear();
    // Who reads no further wants no more.
    if (!io.interrupted) return EXIT.done;
    io.say('Interrupted: run it again. What is written so far is not whole, and import refuses it.');
    return EXIT.interrupted;
  }
  progress.clear();
  io.say(`${backends(written)} written${expired === 0 ? '' : `, ${count(expired)} of them expired`}.`);
  if (corrupt.length > 0) {
    io.say(`${count(corrupt.length)} cannot be read, and ${corrupt.length === 1 ? 'is' : 'are'} left out:`);
    nameSome({ ...io, print: io.say }, corrupt);
  }
  return EXIT.done;
}

interface Sink extends AsyncDisposable {
  write(lines: readonly string[]): Promise<void>;
  /** All is written. */
  finish(): Promise<void>;
}

function stdoutSink({ stdout, signal }: Io): Sink {
  return {
    async write(lines) {
      if (lines.length > 0 && !stdout.write(`${lines.join('\n')}\n`)) await once(stdout, 'drain', { signal });
    },
    finish: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const OPENED = /^\/(dev\/(stdout|stderr|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/;

/** A device or a pipe is written to as it is; what a link points to is meant, and not the link. */
async function sinkOf(io: Io, file: string): Promise<Sink> {
  // What the system links to its open files, like /dev/stdout, belongs to whoever has opened it, a pipe or a file.
  if (OPENED.test(file)) return deviceSink(io, file);
  const there = await stat(file).catch(() => undefined);
  return there === undefined || there.isFile() ? fileSink(await targetOf(file), there?.mode) : deviceSink(io, file);
}

/** Where a file is, through links, also where nothing is there yet. */
async function targetOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (codeOf(error) === 'ELOOP') throw unwritable(file, error);
    const link = await readlink(file).catch(() => undefined);
    return link === undefined ? file : targetOf(resolve(dirname(file), link));
  }
}

async function deviceSink(io: Io, path: string): Promise<Sink> {
  const handle = await orFailure(path, io.opening(openFile(path, 'a')));
  return {
    async write(lines) {
      if (lines.length > 0) await orFailure(path, handle?.appendFile(`${lines.join('\n')}\n`));
    },
    finish: async () => undefined,
    async [Symbol.asyncDispose]() {
      await handle?.close().catch(() => undefined);
    },
  };
}

/**
 * The file is there when it is whole, and not before: what was there until then stays. Of several that are written at once, each is whole, and the last one stays.
 *
 * @param mode who may read it, where one is there already
 */
async function fileSink(path: string, mode?: number): Promise<Sink> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.unfinished`;
  let handle: FileHandle | undefined = await orFailure(path, openFile(unfinished, 'wx', (mode ?? 0o666) & 0o777));
  // A mask would take away what the one before had.
  if (mode !== undefined) await handle?.chmod(mode & 0o777).catch(() => undefined);
  return {
    async write(lines) {
      if (lines.length > 0) await orFailure(path, handle?.appendFile(`${lines.join('\n')}\n`));
    },
    async finish() {
      await orFailure(path, handle?.sync());
      await handle?.close();
      await orFailure(path, rename(unfinished, path));
      handle = undefined;
    },
    async [Symbol.asyncDispose]() {
      if (handle === undefined) return;
      await handle.close().catch(() => undefined);
      await rm(unfinished, { force: true });
    },
  };
}

/** What another file would have as well. */
const WITHOUT_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'];

async function orFailure<T>(path: string, work: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await work;
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): Error {
  const code = codeOf(cause);
  const message = `${fileName(path)} cannot be written (${code}).`;
  return WITHOUT_ROOM.includes(code) ? new StoreError(message, { cause }) : new UsageError(message, { cause });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
