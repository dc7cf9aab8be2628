import { Redis } from 'ioredis';
import * as six from 'redis';
import * as four from 'redis-4';
import * as five from 'redis-5';
import { test } from 'vitest';
import { type NodeRedisClient, RedisBackendRegistry } from '../src/index.ts';

declare function accept(client: NodeRedisClient): void;

const sentinel = { name: 'mymaster', sentinelRootNodes: [{ host: 'a', port: 26379 }] };

test('every client of node-redis is taken without a cast', () => {
  accept(six.createClient());
  accept(six.createClient({ RESP: 2 }));
  accept(six.createClientPool());
  accept(six.createCluster({ rootNodes: [] }));
  accept(six.createSentinel(sentinel));
  accept(five.createClient());
  accept(five.createClient({ RESP: 3 }));
  accept(five.createCluster({ rootNodes: [] }));
  accept(five.createSentinel(sentinel));
  accept(four.createClient());
  accept(four.createCluster({ rootNodes: [] }));
  new RedisBackendRegistry({ client: six.createClient(), keyPrefix: 'app:' });
  new RedisBackendRegistry({ client: four.createClient() });
});

test('options of each kind, with those of the client beside', () => {
  new RedisBackendRegistry();
  new RedisBackendRegistry({ socket: { host: 'redis', port: 6380 }, db: 3 });
  new RedisBackendRegistry({ url: 'redis://localhost', db: 3, pingInterval: 100, socket: { tls: true, ca: '' } });
  new RedisBackendRegistry({ sentinel: { name: 'mymaster', nodes: [{ host: 'a', port: 26379 }] } });
  new RedisBackendRegistry({ cluster: [{ host: 'a', port: 7000 }], defaults: { password: 'x' } });
});

test('what is no client of node-redis is a compile error', () => {
  // @ts-expect-error: one of ioredis
  accept(new Redis());
  // @ts-expect-error: nothing that a client has
  accept({});
  // @ts-expect-error: no client at all
  new RedisBackendRegistry({ client: null });
  // @ts-expect-error: a url is not a client
  new RedisBackendRegistry({ client: 'redis://localhost' });
  // @ts-expect-error: no option of the registry or of node-redis
  new RedisBackendRegistry({ url: 'redis://localhost', heartbeatTimeout: 3 });
});

test('options that say in two ways where Redis is are a compile error', () => {
  const node = { host: 'a', port: 7000 };
  const sentinel = { name: 'mymaster', nodes: [node] };
  // @ts-expect-error: a client is used as it is
  new RedisBackendRegistry({ client: six.createClient(), url: 'redis://localhost' });
  // @ts-expect-error: a client has its database
  new RedisBackendRegistry({ client: six.createClient(), db: 3 });
  // @ts-expect-error: one or the other
  new RedisBackendRegistry({ cluster: [node], url: 'redis://localhost' });
  // @ts-expect-error: a Cluster has only the database 0
  new RedisBackendRegistry({ cluster: [node], db: 3 });
  // @ts-expect-error: one or the other
  new RedisBackendRegistry({ cluster: [node], sentinel });
  // @ts-expect-error: one or the other
  new RedisBackendRegistry({ sentinel, url: 'redis://localhost' });
  new RedisBackendRegistry({ sentinel, db: 3 });
  // @ts-expect-error: a node is a host and a port
  new RedisBackendRegistry({ cluster: ['redis://localhost'] });
  // @ts-expect-error: no nodes
  new RedisBackendRegistry({ sentinel: { name: 'mymaster' } });
  // @ts-expect-error: a url is text
  new RedisBackendRegistry({ url: new URL('redis://localhost') });
  // @ts-expect-error: a database is a number
  new RedisBackendRegistry({ db: '3' });
});
