/** Names that nobody else makes up: for lives of backends and of data. */

const NAME_BYTES = 18;
const NAMES_AT_ONCE = 64;
const pool = new Uint8Array(NAME_BYTES * NAMES_AT_ONCE);
let used = pool.length;

/** 24 characters of A–Z, a–z, 0–9, `-` and `_`, from 144 random bits. Many are drawn at once: asking for randomness is slow. */
export function randomName(): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + NAME_BYTES);
  used += NAME_BYTES;
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
