/** Where a new isolate finds what others have known: the Cache API of its data center, which is free. On workers.dev it keeps nothing. */

const CACHE = 'backend-registry';
/** Old knowledge is better than none: a request that finds it looks at the registry first, if that answers. */
const KEPT_FOR_S = 86_400;

/** @param database by its url, so that two on the same zone have a snapshot each */
export async function loadSnapshot(database: string): Promise<string | undefined> {
  const cache = await caches.open(CACHE);
  return (await cache.match(keyOf(database)))?.text();
}

export async function saveSnapshot(database: string, snapshot: string): Promise<void> {
  const cache = await caches.open(CACHE);
  const headers = { 'cache-control': `max-age=${KEPT_FOR_S}`, 'content-type': 'application/json' };
  await cache.put(keyOf(database), new Response(snapshot, { headers }));
}

function keyOf(database: string): string {
  return `https://snapshot.invalid/${encodeURIComponent(database)}`;
}
