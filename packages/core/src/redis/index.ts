/** What a Redis adapter is made of: the whole registry over a thin driver port. */
export type { RedisDriver, Script } from './driver.ts';
export { type ClientOptions, readRedisUrl, splitOptions, withHashTag, wrongClient } from './options.ts';
export { RedisRegistry } from './registry.ts';
export { heedTrouble } from './trouble.ts';
