import { type Backend, type CorruptRow, createView, type View } from '@backend-registry/core';
import { backendTable } from '../backend-table.ts';
import type { Call } from '../call.ts';
import { showDuration } from '../duration.ts';
import { EXIT, type Exit } from '../exit.ts';
import { inOptions } from '../failure.ts';
import { type FilterOptions, matches, readFilter } from '../filter.ts';
import type { Io } from '../io.ts';
import { hasSeen, live } from '../live.ts';
import type { Place, PlaceOptions } from '../place.ts';
import type { Size } from '../screen.ts';
import { scrolled } from '../scroll.ts';
import { silenceOf } from '../silence.ts';
import { backends as showCount } from '../tally.ts';
import { cut, jsonOf, printable } from '../text.ts';

interface Options extends PlaceOptions, FilterOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** Ages grow while nothing else changes. */
const FRAME_MS = 1_000;
const TITLES = 1;

export async function run({ io, place: placeOf, open }: Call, options: Options): Promise<Exit> {
  const filter = readFilter(options);
  const place = placeOf(options);
  const corrupt: CorruptRow[] = [];
  const registry = await open(place, { onCorrupt: (row) => corrupt.push(row) });
  const backends = await registry.listBackends(filter);
  if (!options.watch) {
    if (options.json) io.print(jsonOf(backends, io.stdout.isTTY ? 2 : undefined));
    else show(io, backends);
    tellCorrupt(io, corrupt);
    return EXIT.done;
  }
  await using view = createView(registry, {
    onError: ({ message }) => {
      if (!onScreen) io.say(`${place.shown}: ${printable(inOptions(message))} What was seen last stands.`);
    },
  });
  const onScreen = io.stdout.isTTY && !options.json;
  if (!(await hasSeen(view, io))) return EXIT.done;
  const chosen = (): readonly Backend[] => view.backends.filter((backend) => matches(backend, filter));
  if (onScreen) await onTerminal(io, view, chosen, place);
  else await printed(io, view, chosen, place, options.json ?? false);
  return EXIT.done;
}

function show(io: Io, backends: readonly Backend[]): void {
  const columns = io.stdout.isTTY ? io.stdout.columns : undefined;
  if (backends.length === 0) io.say('No backends.');
  else for (const line of backendTable(backends, io.style, columns, Date.now())) io.print(line);
}

/** Nobody is left out without a word. */
function tellCorrupt(io: Io, rows: readonly CorruptRow[]): void {
  if (rows.length === 0) return;
  const more = rows.length > 1 ? ` and ${rows.length - 1} more` : '';
  const [first] = rows;
  io.say(
    `${rows.length === 1 ? '1 row cannot be read and is' : `${rows.length} rows cannot be read and are`} left out: ${printable(`${first?.id} (${first?.reason})`)}${more}. backend-registry doctor`,
  );
}

/** The list anew whenever it is another one, a line between two tables. */
async function printed(
  io: Io,
  view: View,
  chosen: () => readonly Backend[],
  place: Place,
  asJson: boolean,
): Promise<void> {
  let last: string | undefined;
  let held = false;
  while (!io.signal.aborted) {
    const changed = nextChange(view, io.signal);
    if (view.state === 'held' && !held)
      io.say(`${place.shown}: the store has lost its data. What was seen before stands while backends come back.`);
    held = view.state === 'held';
    const backends = chosen();
    const text = JSON.stringify(backends);
    if (text !== last) {
      if (asJson) io.print(jsonOf(backends));
      else {
        if (last !== undefined) io.print('');
        show(io, backends);
      }
      last = text;
      // While nobody reads, nothing piles up: the next list is the newest one.
      await io.flushed();
    }
    await changed;
  }
}

function nextChange(view: View, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = view.subscribe(done);
    signal.addEventListener('abort', done);
  });
}

async function onTerminal(io: Io, view: View, chosen: () => readonly Backend[], place: Place): Promise<void> {
  let first = 0;
  const silence = silenceOf(view, place);
  const heightOf = ({ rows }: Size): number => Math.max(0, rows - TITLES - 2);
  await live(
    io,
    {
      frame(size) {
        const backends = chosen();
        first = scrolled(first, '', heightOf(size), backends.length);
        const [titles = '', ...rows] = backendTable(backends, io.style, size.columns, Date.now());
        const shown = rows.slice(first, first + heightOf(size));
        const count = `${showCount(backends.length)}  ${printable(place.shown)}`;
        const notice =
          view.state === 'held'
            ? 'HELD: the store has lost its data  '
            : view.stale
              ? `STALE for ${showDuration(silence())}  `
              : '';
        return [
          io.style.red(cut(notice, size.columns)) + cut(count, Math.max(0, size.columns - notice.length)),
          titles,
          ...shown,
          ...Array.from({ length: heightOf(size) - shown.length }, () => ''),
          io.style.dim(cut('q quit  ↑↓ PgUp PgDn scroll', size.columns)),
        ].slice(0, size.rows);
      },
      press(key, size) {
        first = scrolled(first, key, heightOf(size), chosen().length);
      },
    },
    FRAME_MS,
  );
}
