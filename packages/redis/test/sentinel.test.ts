import { testSentinel } from '@backend-registry/redis-harness/group';
import { adapter } from './adapter.ts';

await testSentinel(adapter);
