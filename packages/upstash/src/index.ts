export type { UpstashClient, UpstashPipeline } from './client.ts';
export {
  type EndpointOptions,
  type EnvOptions,
  type GivenClientOptions,
  RedisBackendRegistry,
  type RedisBackendRegistryOptions,
  type UrlOptions,
} from './registry.ts';
