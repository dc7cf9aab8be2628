import { type AnswerOptions, refOf, tellAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Exit } from '../exit.ts';
import type { PlaceOptions } from '../place.ts';

type Options = PlaceOptions & AnswerOptions;

export async function run({ io, place, open }: Call, url: string, options: Options): Promise<Exit> {
  const registry = await open(place(options));
  const answer = await registry.unregister(refOf(url, options));
  return tellAnswer(io, url, answer, options, { unregistered: 'is unregistered' });
}
