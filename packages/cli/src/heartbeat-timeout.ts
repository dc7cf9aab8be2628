/** How long a registration or a heartbeat lasts: the option, or the variable of the registry's own factory. */
import { readDuration } from './duration.ts';
import { quoted, UsageError } from './failure.ts';

export interface HeartbeatTimeoutOption {
  readonly heartbeatTimeout?: string;
}

/** In milliseconds; `undefined` where nothing is said. */
export function readHeartbeatTimeout(
  { heartbeatTimeout }: HeartbeatTimeoutOption,
  env: Readonly<Record<string, string | undefined>>,
): number | undefined {
  if (heartbeatTimeout !== undefined) return readDuration(heartbeatTimeout, '--heartbeat-timeout');
  const text = env.BACKEND_HEARTBEAT_TIMEOUT?.trim() ?? '';
  if (text === '') return undefined;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds * 1_000;
  throw new UsageError(`BACKEND_HEARTBEAT_TIMEOUT is ${quoted(text)}: it must be a number of seconds, more than 0.`);
}
