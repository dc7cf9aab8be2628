import { testModel } from '@backend-registry/redis-harness/model';
import { adapter } from './adapter.ts';

testModel(adapter);
