/** What a Redis adapter is made of: the whole registry over a thin driver port. */

export { AdoptingRegistry, type AdoptOptions, type AdoptResult } from './adopt.ts';
export type { RedisDriver, Script } from './driver.ts';
export { isReply, notSelected } from './failures.ts';
export { escapeGlob } from './keys.ts';
export {
  type ClientOptions,
  checkClient,
  type Foreign,
  type OneOf,
  OURS,
  type RedisNode,
  readRedisUrl,
  splitOptions,
  withHashTag,
} from './options.ts';
export { RedisRegistry } from './registry.ts';
export { type ScanNode, type ScanStep, scanNodes } from './scan.ts';
export { heedTrouble } from './trouble.ts';
