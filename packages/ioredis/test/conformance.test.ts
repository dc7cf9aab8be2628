import { testConformance } from '@backend-registry/redis-harness/suite';
import { adapter } from './adapter.ts';

await testConformance(adapter);
