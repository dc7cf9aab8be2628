/** What the program has to do with: its streams, its environment, and whether it was told to stop. */
import pc from 'picocolors';

type Colors = ReturnType<typeof pc.createColors>;

/** How a line on a terminal looks, and on what is none. */
export interface Style extends Pick<Colors, 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'> {
  readonly colour: boolean;
}

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  /** Answers. `write` resolves when the stream takes more; after the reader has gone, `ended` aborts. */
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly style: Style;
  readonly errorStyle: Style;
  /** Aborts at SIGINT or SIGTERM, and when nobody reads the answers any more. */
  readonly signal: AbortSignal;
  /** Whether the person or the system has asked it to stop. */
  readonly interrupted: boolean;
  /** One line, or several, of the answer. */
  print(text: string): void;
  /** A line about the answer, for the person: on stderr. */
  say(text: string): void;
}

export function processIo(): Io & Disposable {
  const { env, stdin, stdout, stderr } = process;
  const ending = new AbortController();
  let interrupted = false;
  const interrupt = (): void => {
    // Who asks twice will not wait for the end of what is under way.
    if (interrupted) process.exit(130);
    interrupted = true;
    ending.abort();
  };
  // `list | head` closes the pipe: that is no failure.
  const onStdoutError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    ending.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  stdout.on('error', onStdoutError);
  return {
    env,
    stdin,
    stdout,
    stderr,
    style: styleOf(stdout, env),
    errorStyle: styleOf(stderr, env),
    signal: ending.signal,
    get interrupted() {
      return interrupted;
    },
    print: (text) => void stdout.write(`${text}\n`),
    say: (text) => void stderr.write(`${text}\n`),
    [Symbol.dispose]() {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
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
