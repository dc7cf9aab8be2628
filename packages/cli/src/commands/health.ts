import { type AnswerOptions, refOf, tellAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Exit } from '../exit.ts';
import type { PlaceOptions } from '../place.ts';

type Options = PlaceOptions & AnswerOptions;

export async function run({ io, place, open }: Call, url: string, to: 'up' | 'down', options: Options): Promise<Exit> {
  const registry = await open(place(options));
  const answer = await registry.updateBackendHealth(refOf(url, options), to === 'up');
  return tellAnswer(io, url, answer, options, { updated: `is ${to} now`, unchanged: `was ${to} already` });
}
