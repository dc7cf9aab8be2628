/** A real terminal: the program runs on a pty, and what it writes becomes a screen. */
import { createRequire } from 'node:module';
import { type IPty, spawn } from '@lydell/node-pty';
import type { Terminal as Emulator } from '@xterm/headless';
import { PROGRAM } from './program.ts';

// It is CommonJS whose exports Node cannot name.
const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless');

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface OpenOptions extends Partial<Size> {
  readonly env?: Readonly<Record<string, string>>;
}

export class TestTerminal implements AsyncDisposable {
  readonly #emulator: Emulator;
  readonly #pty: IPty;
  #written = '';
  #exit: number | undefined;
  #wake: () => void = () => undefined;

  /** Runs the program in it. */
  static run(args: readonly string[], options?: OpenOptions): TestTerminal {
    return new TestTerminal(process.execPath, [PROGRAM, ...args], options);
  }

  constructor(file: string, args: readonly string[], { columns = 80, rows = 24, env }: OpenOptions = {}) {
    this.#emulator = new Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#pty = spawn(file, [...args], {
      name: 'xterm-256color',
      cols: columns,
      rows,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env },
    });
    this.#pty.onData((data) => {
      this.#emulator.write(data, () => {
        this.#written += data;
        this.#wake();
      });
    });
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#exit = signal ? 128 + signal : exitCode;
      // What was written last may still have to be shown.
      setImmediate(() => this.#emulator.write('', () => this.#wake()));
    });
  }

  /** What is seen, line by line, without the blanks at their ends. */
  get lines(): readonly string[] {
    const { active } = this.#emulator.buffer;
    return Array.from(
      { length: this.#emulator.rows },
      (_, n) =>
        active
          .getLine(active.viewportY + n)
          ?.translateToString(true, 0, this.#emulator.cols)
          .trimEnd() ?? '',
    );
  }

  get text(): string {
    return this.lines.join('\n').trimEnd();
  }

  /** Everything that was written, as it came. */
  get written(): string {
    return this.#written;
  }

  get alternate(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  get cursorShown(): boolean {
    return this.#written.lastIndexOf('\x1b[?25l') <= this.#written.lastIndexOf('\x1b[?25h');
  }

  /** Whether any cell has a colour of its own. */
  get coloured(): boolean {
    const { active } = this.#emulator.buffer;
    return this.lines.some((line, n) =>
      [...line].some(
        (_, x) =>
          active
            .getLine(active.viewportY + n)
            ?.getCell(x)
            ?.isFgDefault() === false,
      ),
    );
  }

  get exit(): number | undefined {
    return this.#exit;
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  kill(signal: string): void {
    this.#pty.kill(signal);
  }

  resize({ columns, rows }: Size): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** No frame is under way: a screen is only looked at between two. */
  get #whole(): boolean {
    return this.#written.lastIndexOf('\x1b[?2026h') <= this.#written.lastIndexOf('\x1b[?2026l');
  }

  /** Waits until this holds, looking whenever something was written. */
  async until(holds: (terminal: this) => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(20_000);
    while (!this.#whole || !holds(this)) {
      if (deadline.aborted) throw new Error(`Never seen (exit ${this.#exit}):\n${this.text}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** What it ended with. */
  async ended(): Promise<number> {
    await this.until(() => this.#exit !== undefined);
    return this.#exit ?? Number.NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) {
      this.#pty.kill('SIGKILL');
      await this.ended();
    }
    this.#emulator.dispose();
  }
}
