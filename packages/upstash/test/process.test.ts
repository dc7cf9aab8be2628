import { fileURLToPath } from 'node:url';
import { testProcess } from '@backend-registry/redis-harness/process';

testProcess('Upstash', fileURLToPath(new URL('programs/outage.ts', import.meta.url)));
