import { testBounds } from '@backend-registry/redis-harness/bounds';
import { adapter } from './adapter.ts';

testBounds(adapter);
