export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './proxy.ts';
export type { Traffic } from './traffic.ts';
