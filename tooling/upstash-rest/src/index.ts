export { startUpstashRest, type UpstashRest, type UpstashRestOptions } from './bridge.ts';
export type { Counts } from './counts.ts';
export type { FaultKind, Faults, Match } from './faults.ts';
