import { fileURLToPath } from 'node:url';
import { testProcess } from '@backend-registry/redis-harness/process';

testProcess('node-redis', fileURLToPath(new URL('programs/outage.ts', import.meta.url)));
