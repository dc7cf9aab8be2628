import { type AnswerOptions, ask, refOf, tellAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { showDuration } from '../duration.ts';
import type { Exit } from '../exit.ts';
import { type HeartbeatTimeoutOption, readHeartbeatTimeout } from '../heartbeat-timeout.ts';
import type { PlaceOptions } from '../place.ts';

type Options = PlaceOptions & AnswerOptions & HeartbeatTimeoutOption;

export async function run(call: Call, url: string, options: Options): Promise<Exit> {
  const { io } = call;
  const heartbeatTimeoutMs = readHeartbeatTimeout(options, io.env);
  const asked = await ask(call, options, heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs });
  const answer = await asked.registry.heartbeat(refOf(url, options));
  const lasts = showDuration(asked.registry.capabilities.heartbeatTimeoutMs);
  const exit = await tellAnswer(io, asked, url, answer, options, { renewed: `is renewed for ${lasts}` });
  // A heartbeat reads no row.
  const damage = answer.status === 'renewed' ? await asked.unreadable(url) : undefined;
  if (damage !== undefined) io.say(damage);
  return exit;
}
