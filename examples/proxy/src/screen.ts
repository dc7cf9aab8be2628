import { WriteStream } from 'node:tty';
import { stripVTControlCharacters, styleText } from 'node:util';

/** One backend as the table shows it. */
export interface Row {
  readonly name: string;
  readonly address: string;
  readonly status: 'healthy' | 'unhealthy' | 'draining' | 'expired' | 'crashed' | 'gone';
  readonly inFlight: number;
  readonly latencyMs: number;
  readonly requests: number;
}

export interface Picture {
  readonly title: string;
  readonly totals: string;
  readonly rows: readonly Row[];
}

/** Where the demo shows what happens. */
export interface Screen {
  event(text: string): void;
  draw(picture: Picture): void;
  /** The last word; the terminal is as it was before. */
  close(text: string): void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
const EVENTS = 8;
const WIDTHS = [9, 22, 10, 9, 10, 10];
const BAR = 8;

type Style = Parameters<typeof styleText>[0];
const STATUS_STYLES: Readonly<Record<Row['status'], Style>> = {
  healthy: 'green',
  unhealthy: 'yellow',
  draining: 'yellow',
  expired: 'red',
  crashed: 'red',
  gone: 'dim',
};

/** A live table on a terminal, one line for each event elsewhere. */
export function openScreen(stream: NodeJS.WriteStream, plain: boolean): Screen {
  const startedAt = performance.now();
  const stamped = (text: string): string =>
    `${((performance.now() - startedAt) / 1_000).toFixed(2).padStart(6)} s  ${text}`;
  return !plain && stream instanceof WriteStream && process.env.TERM !== 'dumb'
    ? table(stream, stamped)
    : lines(stream, stamped);
}

function lines(stream: NodeJS.WriteStream, stamped: (text: string) => string): Screen {
  return {
    event: (text) => void stream.write(`${stamped(text)}\n`),
    draw: () => undefined,
    close: (text) => void stream.write(`\n${text}`),
  };
}

function table(stream: WriteStream, stamped: (text: string) => string): Screen {
  const events: string[] = [];
  let picture: Picture | undefined;
  let height = 0;
  // Whatever ends the process, nobody is left with a terminal without a cursor.
  const restore = (): void => void stream.write(SHOW_CURSOR);
  process.once('exit', restore);
  stream.write(HIDE_CURSOR);

  function paint(): void {
    if (picture === undefined) return;
    // A line that wraps, or a picture higher than the window, could not be drawn over. A terminal may not know its size.
    const columns = (stream.columns || 80) - 1;
    const drawn = [...layOut(picture, stream), '', ...events].slice(0, (stream.rows || 24) - 1);
    const cut = drawn.map((line) => clip(line, columns));
    const up = height === 0 ? '' : `\u001b[${height}A\r`;
    stream.write(`${up}${cut.map((line) => `${line}\u001b[K\n`).join('')}${CLEAR_BELOW}`);
    height = cut.length;
  }
  return {
    event(text) {
      events.push(stamped(text));
      if (events.length > EVENTS) events.shift();
      paint();
    },
    draw(next) {
      picture = next;
      paint();
    },
    close(text) {
      process.off('exit', restore);
      stream.write(`\n${SHOW_CURSOR}${text}`);
    },
  };
}

function layOut({ title, totals, rows }: Picture, stream: WriteStream): string[] {
  const paint = (style: Style, text: string): string => styleText(style, text, { stream });
  const most = Math.max(1, ...rows.map(({ requests }) => requests));
  const head = cells(['backend', 'address', 'status', 'in flight', 'latency', 'requests']);
  return [
    paint('bold', title),
    totals,
    '',
    paint('dim', head.join('')),
    ...rows.map(({ name, address, status, inFlight, latencyMs, requests }) => {
      const numbers = [`${inFlight}`, `${latencyMs.toFixed(1)} ms`, requests.toLocaleString('en-US')];
      const [first = '', second = '', third = '', ...others] = cells([name, address, status, ...numbers]);
      const bar = '█'.repeat(Math.round((requests / most) * BAR));
      return `${first}${second}${paint(STATUS_STYLES[status], third)}${others.join('')} ${paint('cyan', bar)}`;
    }),
  ];
}

/** One line of the table, as wide as 80 columns allow. */
function cells(texts: readonly string[]): string[] {
  return texts.map((text, at) => (at < 3 ? text.padEnd(WIDTHS[at] ?? 0) : text.padStart(WIDTHS[at] ?? 0)));
}

/** Cut to so many columns, then without its colours: half of a control sequence would be worse. */
function clip(line: string, columns: number): string {
  const text = stripVTControlCharacters(line);
  return text.length <= columns ? line : text.slice(0, columns);
}
