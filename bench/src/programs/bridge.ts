/** Upstash's protocol in front of a Redis of its own. Says on a line where, and ends with its input. It does not look what scripts touch: that is a test's. */
import { startUpstashRest } from '@backend-registry/upstash-rest';

await using bridge = await startUpstashRest({ strict: false });
console.log(JSON.stringify({ url: bridge.url, token: bridge.token }));
for await (const _ of process.stdin);
