/** Names that nobody else makes up: for lives of backends and of data. */

const NAME_BYTES = 18;
const NAMES_AT_ONCE = 64;
let pool: Uint8Array | undefined;
let used = 0;

/** 24 characters of A–Z, a–z, 0–9, `-` and `_`, from 144 random bits. Many are drawn at once: asking for randomness is slow. */
export function randomName(): string {
  if (pool === undefined || used === pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(NAME_BYTES * NAMES_AT_ONCE));
    used = 0;
  }
  const bytes = pool.subarray(used, used + NAME_BYTES);
  used += NAME_BYTES;
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
