/** Reads what is answered, and no more than there may be. */
import { tooLong, unanswered } from './failures.ts';

/** Documents of 40,000 backends, as many as one request can name, with more than a kilobyte of metadata each. */
const LARGEST_ANSWER = 64 * 2 ** 20;

/** The body as text. One that is larger is a `CORRUPT_REPLY`, as soon as that is known, and its connection is given up. */
export async function readText(response: Response): Promise<string> {
  const { body, headers } = response;
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const announced = Number(headers.get('content-length'));
  let text = '';
  for (let bytes = 0; Math.max(bytes, announced) <= LARGEST_ANSWER; ) {
    const { value, done } = await reader.read().catch((error: unknown) => {
      throw unanswered(error);
    });
    if (done) return text + decoder.decode();
    bytes += value.length;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel().catch(() => undefined);
  throw tooLong(LARGEST_ANSWER);
}
