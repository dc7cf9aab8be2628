/** What the Sentinels tell. */
import type { RedisNode } from '@backend-registry/core/redis';
import { Redis, type RedisOptions } from 'ioredis';
import { hearEveryError } from './errors.ts';

const CHANNEL = '+switch-master';

/**
 * Calls back when another server has become the master. The old one learns of it eight seconds later or more where nothing is wrong with it, and takes writes until then that
 * will be lost. ioredis can listen too, and writes whatever goes wrong with that to the console.
 *
 * @param switched is given the address of the new one
 * @returns how to stop
 */
export function hearSentinels(
  { name, nodes }: { readonly name: string; readonly nodes: readonly RedisNode[] },
  { sentinelUsername, sentinelPassword, sentinelTLS, family, connectTimeout }: RedisOptions,
  switched: (host: string, port: number) => void,
): () => void {
  const clients = nodes.map(({ host, port }) => {
    const client = new Redis({
      host,
      port,
      username: sentinelUsername,
      password: sentinelPassword ?? undefined,
      tls: sentinelTLS,
      family,
      connectTimeout,
      enableReadyCheck: false,
      autoResubscribe: false,
      disconnectTimeout: 50,
      retryStrategy: (times) => Math.min(times * 500, 5_000),
    } as RedisOptions);
    hearEveryError(client);
    client.on('error', () => undefined);
    client.on('ready', () => client.subscribe(CHANNEL).catch(() => undefined));
    client.on('message', (_channel, message) => {
      const [master, , , host, port] = message.split(' ');
      if (master === name) switched(String(host), Number(port));
    });
    return client;
  });
  return () => {
    for (const client of clients) client.disconnect();
  };
}
