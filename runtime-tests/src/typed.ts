/** Compiled, and never run, where one of the adapters over TCP and some version of its client are installed: its import names that one then. */
import { RedisBackendRegistry } from '@backend-registry/redis';

const nodes = [{ host: 'a', port: 7000 }];

export function right(): void {
  new RedisBackendRegistry({ url: 'redis://a', db: 3, username: 'of-the-client' });
  new RedisBackendRegistry({ cluster: nodes, heartbeatTimeoutMs: 5 });
  new RedisBackendRegistry({ sentinel: { name: 'main', nodes } });
}

export function wrong(): void {
  // @ts-expect-error: no such option
  new RedisBackendRegistry({ url: 'redis://a', heartbeatTimeout: 5 });
  // @ts-expect-error: no such option
  new RedisBackendRegistry({ cluster: nodes, nonsense: 'x' });
  // @ts-expect-error: no such option
  new RedisBackendRegistry({ sentinel: { name: 'main', nodes }, nonsense: 'x' });
  // @ts-expect-error: no client
  new RedisBackendRegistry({ client: {} });
}
