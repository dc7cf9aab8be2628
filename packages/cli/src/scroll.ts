/** Which part of a long list is seen. */

/** The first row that is seen, after a key; the one before where the key moves nothing. */
export function scrolled(first: number, key: string, height: number, length: number): number {
  const page = Math.max(1, height - 1);
  const wanted =
    { up: first - 1, down: first + 1, pageup: first - page, pagedown: first + page, home: 0, end: length }[key] ??
    first;
  return within(wanted, height, length);
}

/** No further than there is something to see. */
export function within(first: number, height: number, length: number): number {
  return Math.max(0, Math.min(first, length - height));
}
