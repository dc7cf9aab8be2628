export { type MoveSlotOptions, type RedisCluster, startCluster } from './cluster.ts';
export { findServer } from './find.ts';
export { guarded, temporaryFolder } from './guard.ts';
export { type Port, reservePort } from './port.ts';
export type { Reply } from './resp.ts';
export { type SentinelGroup, startSentinel } from './sentinel.ts';
export type { RedisServer } from './server.ts';
export { type StandaloneOptions, startStandalone } from './standalone.ts';
export { until } from './until.ts';
