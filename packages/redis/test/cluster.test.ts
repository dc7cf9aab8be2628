import { testCluster } from '@backend-registry/redis-harness/group';
import { adapter } from './adapter.ts';

await testCluster(adapter);
