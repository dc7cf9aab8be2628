import { type AnswerOptions, ask, refOf, tellAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Exit } from '../exit.ts';
import type { PlaceOptions } from '../place.ts';

type Options = PlaceOptions & AnswerOptions;

export async function run(call: Call, url: string, options: Options): Promise<Exit> {
  const asked = await ask(call, options);
  const answer = await asked.registry.unregister(refOf(url, options));
  return tellAnswer(call.io, asked, url, answer, options, { unregistered: 'is unregistered' });
}
