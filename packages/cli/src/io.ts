/** What the program has to do with: its streams, its environment, and whether it was told to stop. */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import pc from 'picocolors';
import { EXIT } from './exit.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** How a line on a terminal looks, and on what is none. */
export interface Style extends Pick<Colors, 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'> {
  readonly colour: boolean;
}

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  /** Answers. */
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly style: Style;
  readonly errorStyle: Style;
  /** Aborts when the program is told to stop, and when nobody reads the answers any more. */
  readonly signal: AbortSignal;
  /** Aborts when the program is told to stop, and not when nobody reads. */
  readonly interruption: AbortSignal;
  /** Whether the person or the system has asked it to stop, and the command has not {@link obeyed}. */
  readonly interrupted: boolean;
  /** Why answers cannot be written any more, where that is a failure: a full disk, and not a reader who has left. */
  readonly failure: Error | undefined;
  /** One line, or several, of the answer. */
  print(text: string): void;
  /** Resolves when the answers take more, or when nobody reads them any more. */
  flushed(): Promise<void>;
  /**
   * What opens a file. To open a named pipe that nobody else has opened is a call of the system that an exit would wait for: who interrupts twice ends it by a
   * signal, which a shell shows as {@link EXIT.interrupted} too.
   */
  opening<T>(work: Promise<T>): Promise<T>;
  /** A line about the answer, for the person: on stderr. */
  say(text: string): void;
  /** The interruption was what the command waits for, and it is done with what it does then: it ends with an exit status of its own. */
  obeyed(): void;
}

/** SIGHUP is the end of the terminal. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function processIo(): Io & Disposable {
  const { env, stdout, stderr } = process;
  const ending = new AbortController();
  const interruption = new AbortController();
  let asked = false;
  let obeyed = false;
  let opening = 0;
  let failure: Error | undefined;
  const interrupt = (): void => {
    // Who asks twice will not wait for the end of what is under way.
    if (asked) end();
    asked = true;
    interruption.abort();
    ending.abort();
  };
  const end = (): void => {
    if (opening === 0) process.exit(EXIT.interrupted);
    process.emit('exit', EXIT.interrupted);
    for (const name of INTERRUPTS) process.removeAllListeners(name);
    process.kill(process.pid, 'SIGINT');
  };
  // `list | head` closes the pipe: that is no failure.
  const onStdoutError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') failure ??= error;
    ending.abort();
  };
  // Where nobody hears of errors, there is nobody to tell.
  const onStderrError = (): void => undefined;
  for (const name of INTERRUPTS) process.on(name, interrupt);
  stdout.on('error', onStdoutError);
  stderr.on('error', onStderrError);
  return {
    env,
    // Opened by whoever reads it.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    style: styleOf(stdout, env),
    errorStyle: styleOf(stderr, env),
    signal: ending.signal,
    interruption: interruption.signal,
    get interrupted() {
      return asked && !obeyed;
    },
    get failure() {
      return failure;
    },
    print: (text) => void stdout.write(`${text}\n`),
    flushed: async () => {
      // That a write has failed is told a turn later.
      await setImmediate();
      if (stdout.writableNeedDrain) await once(stdout, 'drain', { signal: ending.signal }).catch(() => undefined);
    },
    opening: (work) => {
      opening += 1;
      const done = () => {
        opening -= 1;
      };
      work.then(done, done);
      return work;
    },
    say: (text) => void stderr.write(`${text}\n`),
    obeyed() {
      obeyed = true;
    },
    [Symbol.dispose]() {
      for (const name of INTERRUPTS) process.off(name, interrupt);
    },
  };
}

/** NO_COLOR and FORCE_COLOR as everybody understands them; else colour on a terminal that has it. */
function styleOf(stream: NodeJS.WriteStream, env: Io['env']): Style {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const refused = (env.NO_COLOR ?? '') !== '' || env.FORCE_COLOR === '0' || env.TERM === 'dumb';
  const colour = forced || (!refused && stream.isTTY === true);
  return { ...pc.createColors(colour), colour };
}
