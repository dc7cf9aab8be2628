/** What the Sentinels tell. */
import type { RedisNode } from '@backend-registry/core/redis';
import { Redis, type RedisOptions } from 'ioredis';
import { type Connection, connectAgain, type Following } from './driver.ts';
import { hearEveryError } from './errors.ts';

const CHANNEL = '+switch-master';

/**
 * Calls back when another server has become the master. The old one learns of it eight seconds later or more where nothing is wrong with it, and takes writes until then
 * that will be lost. ioredis can listen too, and writes whatever goes wrong with that to the console.
 *
 * @param switched is given the address of the new one, as this process reaches it
 */
export function hearSentinels(
  { name, nodes }: { readonly name: string; readonly nodes: readonly RedisNode[] },
  { sentinelUsername, sentinelPassword, sentinelTLS, family, connectTimeout, keepAlive, natMap }: RedisOptions,
  switched: (host: string, port: number) => void,
): Following {
  const reached = (host: string, port: number): RedisNode => {
    const key = `${host}:${port}`;
    return (typeof natMap === 'function' ? natMap(key) : natMap?.[key]) ?? { host, port };
  };
  const clients = nodes.map(({ host, port }) => {
    const client = new Redis({
      host,
      port,
      username: sentinelUsername,
      password: sentinelPassword ?? undefined,
      tls: sentinelTLS,
      family,
      connectTimeout,
      keepAlive,
      enableReadyCheck: false,
      autoResubscribe: false,
      disconnectTimeout: 50,
      retryStrategy: (times) => Math.min(times * 500, 5_000),
    } as RedisOptions);
    hearEveryError(client);
    client.on('error', () => undefined);
    client.on('ready', () => client.subscribe(CHANNEL).catch(() => undefined));
    client.on('message', (_channel, message) => {
      const [master, , , newHost = '', newPort] = message.split(' ');
      if (master !== name) return;
      const there = reached(newHost, Number(newPort));
      switched(there.host, there.port);
    });
    return client;
  });
  return {
    reconnect() {
      for (const client of clients) connectAgain(client as unknown as Connection);
    },
    close() {
      for (const client of clients) client.disconnect();
    },
  };
}
