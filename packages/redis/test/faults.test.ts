import { testFaults } from '@backend-registry/redis-harness/faults';
import { adapter } from './adapter.ts';

testFaults(adapter);
