import { runProgram } from '@backend-registry/redis-harness/program';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { RedisBackendRegistry } from '../../src/index.ts';

await using bridge = await startUpstashRest({ redis: process.argv[2] ?? '' });
await runProgram(() => new RedisBackendRegistry({ url: bridge.url, token: bridge.token }));
