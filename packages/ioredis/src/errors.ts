/** No error of a connection ends the process. */

interface Emitter {
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event
  on(event: string, listener: (...values: any[]) => void): unknown;
}

/**
 * ioredis hears the first error of a socket and no other. A TLS handshake that is refused can have two, the client's and then the server's answer to it, and the
 * second one would be nobody's: an uncaught exception. To be called before the client has made a connection, which it does in a later turn.
 */
export function hearEveryError(client: Emitter & { readonly isCluster?: boolean }): void {
  if (client.isCluster === true) {
    client.on('+node', (node) => {
      hearEveryError(node);
      hearAsking(node);
    });
    return;
  }
  let socket: Emitter | undefined;
  Object.defineProperty(client, 'stream', {
    configurable: true,
    enumerable: true,
    get: () => socket,
    set(next: Emitter | undefined) {
      socket = next;
      // What it means, ioredis has told with the first one.
      next?.on('error', () => undefined);
    },
  });
}

/** A Cluster sends ASKING to a node on its own, while a slot moves there. That a user may not, what is sent behind it says too; its own promise is nobody's. */
function hearAsking(node: { asking(...given: unknown[]): Promise<unknown> }): void {
  const asking = node.asking.bind(node);
  node.asking = (...given) => {
    const answer = asking(...given);
    answer.catch(() => undefined);
    return answer;
  };
}
