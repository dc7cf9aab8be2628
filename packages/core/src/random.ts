/** Names that nobody else makes up: for lives of backends and of data. */

const NAME_BYTES = 18;
const POOL_BYTES = 64 * NAME_BYTES;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** 24 characters of A–Z, a–z, 0–9, `-` and `_`, from 144 random bits. Many are drawn at once: asking for randomness is slow. */
export function randomName(): string {
  if (used === POOL_BYTES) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + NAME_BYTES);
  used += NAME_BYTES;
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
