import { fileURLToPath } from 'node:url';
import { testProcess } from '@backend-registry/redis-harness/process';

testProcess('ioredis', fileURLToPath(new URL('programs/outage.ts', import.meta.url)));
