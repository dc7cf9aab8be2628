import { runProgram } from '@backend-registry/redis-harness/program';
import { RedisBackendRegistry } from '../../src/index.ts';

await runProgram((url) => new RedisBackendRegistry({ url, commandTimeoutMs: 1_500 }));
