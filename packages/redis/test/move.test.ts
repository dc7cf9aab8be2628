import { testMoveOverTcp } from '@backend-registry/redis-harness/move';
import { adapter } from './adapter.ts';

await testMoveOverTcp(adapter);
