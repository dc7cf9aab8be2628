export type { NodeRedisClient, NodeRedisSubscriber } from './client.ts';
export {
  type ClusterClientOptions,
  type GivenClientOptions,
  type OwnedClientOptions,
  RedisBackendRegistry,
  type RedisBackendRegistryOptions,
  type SentinelOptions,
} from './registry.ts';
