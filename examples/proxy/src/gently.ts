/** How a server ends: with the requests that are under way, however long their clients would keep their connections. */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** To be called before it listens. @returns what ends it, and resolves when it has */
export function gently(server: Server): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
  let idle = (): void => undefined;
  const track = (_request: IncomingMessage, response: ServerResponse): void => {
    // The next request of this client goes elsewhere.
    if (!server.listening) response.shouldKeepAlive = false;
    underWay.add(response);
    response.once('close', () => {
      underWay.delete(response);
      if (underWay.size === 0) idle();
    });
  };
  for (const event of ['request', 'checkContinue']) server.prependListener(event, track);
  return async () => {
    const closed = once(server, 'close');
    server.close();
    for (const response of underWay) response.shouldKeepAlive = false;
    if (underWay.size > 0) {
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    }
    // What is left has asked for nothing.
    server.closeAllConnections();
    await closed;
  };
}
