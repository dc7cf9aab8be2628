/** The whole of a terminal: the alternate screen, keys, its size, and the way back, whatever ends the program. */
import { emitKeypressEvents, type Key } from 'node:readline';
import type { Io } from './io.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Terminals that know these show all of a frame at once; the others pass over them. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

/** Where a terminal does not tell its size. */
const DEFAULT: Size = { columns: 80, rows: 24 };

export class Screen implements Disposable {
  readonly #io: Io;
  readonly #onKey: (name: string) => void;
  readonly #onResize: () => void;
  #shown: readonly string[] = [];
  #entered = false;
  #unstopped: NodeJS.Timeout | undefined;

  /** @param onKey told of each key by its name: `q`, `up`, `pagedown`. What asks the program to stop is no key. */
  constructor(io: Io, onKey: (name: string) => void, onResize: () => void) {
    this.#io = io;
    this.#onKey = onKey;
    this.#onResize = () => {
      this.#shown = [];
      onResize();
    };
    if (io.stdin.isTTY) emitKeypressEvents(io.stdin);
    io.stdin.on('keypress', this.#press).on('error', ignore);
    io.stdout.on('resize', this.#onResize);
    process.on('exit', this.#leave).on('SIGCONT', this.#comeBack);
    this.#enter();
  }

  get size(): Size {
    const { columns, rows } = this.#io.stdout;
    return columns > 0 && rows > 0 ? { columns, rows } : DEFAULT;
  }

  /** Shows these lines, each no wider than the screen, and writes only those that have changed. */
  show(lines: readonly string[]): void {
    // Who does not read as fast as frames are made gets the newest one when it reads again.
    if (!this.#entered || this.#io.stdout.writableNeedDrain) return;
    const written = changedLines(this.#shown, lines, this.size.rows);
    this.#shown = lines;
    if (written !== '') this.#io.stdout.write(BEGIN + written + END);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#unstopped);
    this.#leave();
    const { stdin, stdout } = this.#io;
    process.off('exit', this.#leave).off('SIGCONT', this.#comeBack);
    stdout.off('resize', this.#onResize);
    stdin.off('keypress', this.#press);
    // A terminal that is read keeps the process alive.
    if (stdin.isTTY) stdin.pause().unref();
  }

  readonly #enter = (): void => {
    if (this.#entered) return;
    this.#entered = true;
    const { stdin, stdout } = this.#io;
    if (stdin.isTTY) stdin.setRawMode(true).resume();
    stdout.write(ENTER);
    this.#onResize();
  };

  /** Whoever stopped the program may have used the terminal meanwhile. */
  readonly #comeBack = (): void => {
    clearTimeout(this.#unstopped);
    this.#entered = false;
    this.#enter();
  };

  readonly #leave = (): void => {
    if (!this.#entered) return;
    this.#entered = false;
    const { stdin, stdout } = this.#io;
    if (stdin.isTTY) stdin.setRawMode(false);
    if (stdout.writable) stdout.write(LEAVE);
  };

  /** What a terminal makes of these keys, it does not make of them while each is read as it is. */
  readonly #press = (_: string | undefined, { name = '', sequence = '', ctrl = false }: Key): void => {
    if (ctrl && name === 'c') process.kill(process.pid, 'SIGINT');
    else if (sequence === '\x1c') process.kill(process.pid, 'SIGTERM');
    else if (ctrl && name === 'z') {
      this.#leave();
      // As the terminal would: to all that run for this command line.
      process.kill(0, 'SIGTSTP');
      // Nothing stops a program that no shell looks after.
      clearTimeout(this.#unstopped);
      this.#unstopped = setTimeout(this.#enter, 50);
    } else if (ctrl && name === 'l') this.#onResize();
    else this.#onKey(name);
  };
}

/** A terminal that is gone can be neither read nor set; that it is gone, SIGHUP tells. */
function ignore(): void {
  // Nothing to do.
}

/** What turns a screen of these lines into one of those. */
export function changedLines(before: readonly string[], after: readonly string[], rows: number): string {
  let written = '';
  for (let row = 0; row < rows; row += 1) {
    const line = after[row] ?? '';
    // A screen that was never written is empty, or nobody knows what it shows.
    if (before.length > 0 && line === (before[row] ?? '')) continue;
    // Cleared first: behind a line as wide as the screen, the cursor stands on its last column.
    written += `\x1b[${row + 1};1H\x1b[K${line}`;
  }
  return written;
}
