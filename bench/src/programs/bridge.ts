/** Upstash's protocol in front of a Redis, by default one of its own: `bridge.ts [URL]`. Says on a line where, and ends with its input. It does not look what scripts touch: that is a test's. */
import { startUpstashRest } from '@backend-registry/upstash-rest';

const [redis] = process.argv.slice(2);
await using bridge = await startUpstashRest({ strict: false, ...(redis === undefined ? {} : { redis }) });
console.log(JSON.stringify({ url: bridge.url, token: bridge.token }));
for await (const _ of process.stdin);
