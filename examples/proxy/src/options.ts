import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly durationMs: number;
  readonly backends: number;
  readonly concurrency: number;
  readonly rate: number;
  readonly heartbeatTimeoutMs: number;
  /** Plain lines also on a terminal. */
  readonly plain: boolean;
}

export type ReadOptions =
  | { readonly status: 'run'; readonly options: DemoOptions }
  | { readonly status: 'help' }
  | { readonly status: 'invalid'; readonly message: string };

export const USAGE = `Usage: demo [--duration <seconds>] [--rate <requests per second>] [--concurrency <requests>] [--backends <number>] [--lease <seconds>] [--plain]

  --duration     how long the load runs             default 9, at least 1
  --rate         requests per second                default 300
  --concurrency  requests under way, at most        default 64
  --backends     how many to start                  default 5, at least 3: one is killed, one is drained
  --lease        seconds without a heartbeat        default 1.5: short, so that the lease of a crashed backend ends while you watch
  --plain        plain lines also on a terminal

  REGISTRY_TYPE  where the registry is              default memory
`;

/** What the command line asks for. */
export function readOptions(args: readonly string[]): ReadOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        duration: { type: 'string', default: '9' },
        rate: { type: 'string', default: '300' },
        concurrency: { type: 'string', default: '64' },
        backends: { type: 'string', default: '5' },
        lease: { type: 'string', default: '1.5' },
        plain: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { status: 'help' };
    const options: DemoOptions = {
      durationMs: read('duration', values.duration, 1, 3_600) * 1_000,
      rate: read('rate', values.rate, 1, 100_000),
      concurrency: whole('concurrency', values.concurrency, 1, 10_000),
      backends: whole('backends', values.backends, 3, 50),
      heartbeatTimeoutMs: read('lease', values.lease, 0.1, 3_600) * 1_000,
      plain: values.plain,
    };
    return { status: 'run', options };
  } catch (error) {
    return { status: 'invalid', message: error instanceof Error ? error.message : String(error) };
  }
}

function read(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= least && value <= most))
    throw new RangeError(`--${name} must be a number from ${least} to ${most}, not "${text}".`);
  return value;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = read(name, text, least, most);
  if (!Number.isInteger(value)) throw new RangeError(`--${name} must be a whole number, not "${text}".`);
  return value;
}
