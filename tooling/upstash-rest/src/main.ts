// `npx --yes pnpm@12 upstash`: a bridge with a Redis of its own, or in front of REDIS_URL, until Ctrl-C.
import { once } from 'node:events';
import { startUpstashRest } from './bridge.ts';

const { PORT, REDIS_URL } = process.env;
const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await using bridge = await startUpstashRest({
  ...(PORT ? { port: Number(PORT) } : {}),
  ...(REDIS_URL ? { redis: REDIS_URL } : {}),
});
console.log(`UPSTASH_REDIS_REST_URL=${bridge.url}`);
console.log(`UPSTASH_REDIS_REST_TOKEN=${bridge.token}`);
console.log(`# read only: ${bridge.readOnlyToken}; Redis itself: ${bridge.redisUrl}; end with Ctrl-C`);
await ended;
