import { testWatchers } from '@backend-registry/redis-harness/watchers';
import { adapter } from './adapter.ts';

testWatchers(adapter);
