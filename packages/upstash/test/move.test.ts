import { testMove } from '@backend-registry/redis-harness/move';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from 'ioredis';
import { afterAll } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const bridge = await startUpstashRest();
const direct = new Redis(bridge.redisUrl);
afterAll(async () => {
  direct.disconnect();
  await bridge[Symbol.asyncDispose]();
});
const { url, token } = bridge;
let lost = 0;

testMove({
  name: 'Upstash',
  open: (options) => new RedisBackendRegistry({ ...options, url, token }),
  raw: (_, command, ...args) => direct.call(command, ...args),
  loseReply: () =>
    bridge.faults.once('drop-after', (commands) => {
      const text = JSON.stringify(commands);
      const matches = text.includes('registry:copies') && text.includes('backend:') && text.includes('"EVAL"');
      if (matches) lost += 1;
      return matches;
    }),
  lost: () => lost,
});
