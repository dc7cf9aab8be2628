import * as six from 'ioredis';
import { Redis as RedisOne } from 'ioredis';
import * as five from 'ioredis-5';
import { createClient } from 'redis';
import { test } from 'vitest';
import { type IORedisClient, RedisBackendRegistry } from '../src/index.ts';

declare function accept(client: IORedisClient): void;

test('every client of ioredis is taken without a cast', () => {
  accept(new six.Redis());
  accept(new RedisOne({ sentinels: [], name: 'mymaster' }));
  accept(new six.Cluster([]));
  accept(new five.Redis());
  accept(new five.Cluster([]));
  new RedisBackendRegistry({ client: new six.Redis(), keyPrefix: 'app:' });
  new RedisBackendRegistry({ client: new five.Cluster([]) });
});

test('options of each kind, with those of the client beside', () => {
  new RedisBackendRegistry();
  new RedisBackendRegistry({ host: 'redis', port: 6380, db: 3 });
  new RedisBackendRegistry({ url: 'redis://localhost', db: 3, connectTimeout: 100, tls: { ca: '' } });
  new RedisBackendRegistry({ sentinel: { name: 'mymaster', nodes: [{ host: 'a', port: 26379 }] }, password: 'x' });
  new RedisBackendRegistry({ cluster: [{ host: 'a', port: 7000 }], redisOptions: { password: 'x' } });
});

test('what is no client of ioredis is a compile error', () => {
  // @ts-expect-error: one of node-redis
  accept(createClient());
  // @ts-expect-error: nothing that a client has
  accept({});
  // @ts-expect-error: a pipeline does not run by itself
  accept(new six.Redis().pipeline());
  // @ts-expect-error: no client at all
  new RedisBackendRegistry({ client: null });
  // @ts-expect-error: a url is not a client
  new RedisBackendRegistry({ client: 'redis://localhost' });
  // @ts-expect-error: no option of the registry or of ioredis
  new RedisBackendRegistry({ url: 'redis://localhost', heartbeatTimeout: 3 });
});

test('options that say in two ways where Redis is are a compile error', () => {
  const node = { host: 'a', port: 7000 };
  const sentinel = { name: 'mymaster', nodes: [node] };
  // @ts-expect-error: a client is used as it is
  new RedisBackendRegistry({ client: new six.Redis(), url: 'redis://localhost' });
  // @ts-expect-error: a client has its database
  new RedisBackendRegistry({ client: new six.Redis(), db: 3 });
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
