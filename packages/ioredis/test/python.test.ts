/** The documents and heartbeats are a public format: a program in Python reads them. */
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { tableUnder } from './page.ts';
import { preparePython, runPython } from './python/run.ts';

const server = await startStandalone();
const registry = new RedisBackendRegistry({ url: server.url });
beforeAll(preparePython, 600_000);
beforeEach(() => server.cli('FLUSHALL'));
afterAll(async () => {
  await registry.close();
  await server[Symbol.asyncDispose]();
});

const url = 'http://api.example.com';
const id = `${url}:8001`;

/** What Python makes of a type that the page names. */
const PYTHON_TYPES: Readonly<Record<string, string>> = {
  string: 'str',
  number: 'int or float',
  boolean: 'bool',
  object: 'dict',
  null: 'NoneType',
};

test('a registered backend has the documented fields, types and values', async () => {
  await registry.register({
    url,
    port: 8001,
    health: false,
    inFlightRequests: 10,
    rifAvgLatency: 150.5,
    zone: 'a\u2028"é',
  });
  const { document, types } = JSON.parse(await runPython('read.py', server.port, id));
  expect(document).toMatchObject({
    url,
    port: 8001,
    health: false,
    in_flight_requests: 10,
    rif_avg_latency: 150.5,
    overall_avg_latency: 0,
    draining: false,
    zone: 'a\u2028"é',
    metadata: {},
  });
  const documented = tableUnder('The document').map(([name = '', type = '']) => ({
    name,
    types: type.split(' or ').flatMap((each) => PYTHON_TYPES[each]?.split(' or ')),
  }));
  expect(types.map(([name]: [string]) => name)).toEqual(documented.map(({ name }) => name));
  for (const [n, [name, type]] of types.entries()) expect(documented[n]?.types, name).toContain(type);
});

test('a backend without load has nulls and zeros', async () => {
  await registry.register({ url, port: 8001 });
  const { document } = JSON.parse(await runPython('read.py', server.port, id));
  expect(document).toMatchObject({ in_flight_requests: 0, metrics_updated_at_ms: null, zone: null, weight: 1 });
});

test('a heartbeat is the unix time of Redis in seconds', async () => {
  await registry.register({ url, port: 8001 });
  await registry.heartbeat({ url, port: 8001 });
  const { heartbeat_age } = JSON.parse(await runPython('read.py', server.port, id));
  expect(heartbeat_age).toBeGreaterThanOrEqual(0);
  // The start of Python lies between: seconds on a busy machine, not the thousands that another unit would make.
  expect(heartbeat_age).toBeLessThan(30);
});

test('the keys of documents are all that begins with "backend:"', async () => {
  await registry.registerAll([
    { url, port: 8001 },
    { url: 'http://[::1]', port: 8002 },
    { url: 'https://b.example.com/path', port: 443 },
  ]);
  await registry.unregister({ url, port: 8001 });
  const { ids } = JSON.parse(await runPython('read.py', server.port, 'http://[::1]:8002'));
  expect(ids).toEqual(['http://[::1]:8002', 'https://b.example.com/path:443']);
});
