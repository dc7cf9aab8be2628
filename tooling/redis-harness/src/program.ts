/** A proxy and a backend in one process, which its test takes the server away from: see `process.ts`. */
import { announce, type BackendRegistry, createView, startCleanup } from '@backend-registry/core';

/** Says on a line each what its view shows; ends everything when its input ends, and then must exit by itself. */
export async function runProgram(open: (url: string) => BackendRegistry): Promise<void> {
  const registry = open(process.argv[2] ?? '');
  const announcement = announce(registry, { url: 'http://10.0.0.1', port: 8001 }, { heartbeatIntervalMs: 50 });
  const view = createView(registry, { pollIntervalMs: 50 });
  const cleanup = startCleanup(registry);
  const tell = () => console.log(`${view.state} ${view.backends.length}`);
  view.subscribe(tell);
  await announcement.ready;
  await view.ready;
  tell();
  for await (const _ of process.stdin);
  await announcement.close({ deadlineMs: 0 });
  await cleanup.close();
  await view.close();
  await registry.close();
  console.log('closed');
}
