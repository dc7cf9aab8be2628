import { type AnswerOptions, refOf, tellAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { showDuration } from '../duration.ts';
import type { Exit } from '../exit.ts';
import { type HeartbeatTimeoutOption, readHeartbeatTimeout } from '../heartbeat-timeout.ts';
import type { PlaceOptions } from '../place.ts';

type Options = PlaceOptions & AnswerOptions & HeartbeatTimeoutOption;

export async function run({ io, place, open }: Call, url: string, options: Options): Promise<Exit> {
  const heartbeatTimeoutMs = readHeartbeatTimeout(options, io.env);
  const registry = await open(place(options), heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs });
  const answer = await registry.heartbeat(refOf(url, options));
  const lasts = showDuration(registry.capabilities.heartbeatTimeoutMs);
  return tellAnswer(io, url, answer, options, { renewed: `is renewed for ${lasts}` });
}
