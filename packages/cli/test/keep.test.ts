import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runProgram } from './program.ts';

const URL = 'http://10.0.0.1:8001';
let server: RedisServer;
let registry: RedisBackendRegistry;

beforeAll(async () => {
  server = await startStandalone({ persistent: true });
  registry = new RedisBackendRegistry({ url: server.url });
});

beforeEach(async () => {
  await server.cli('FLUSHALL');
});

afterAll(async () => {
  await registry.close();
  await server[Symbol.asyncDispose]();
});

const keep = (...args: string[]) => ['register', URL, '--keep', '--registry', server.url, ...args];

test.each(['SIGTERM', 'SIGINT'] as const)(
  'after %s it drains, unregisters, and has done what it was asked to',
  async (signal) => {
    const seen: string[] = [];
    const outcome = await runProgram(keep('--incarnation', 'one', '--drain', '3s'), {
      async during({ errors, kill }) {
        expect(await errors.next()).toBe(`${URL} is registered as one, and kept so until interrupted.`);
        for await (const event of registry.watch({ pollIntervalMs: 20 })) {
          if (event.type === 'snapshot') kill(signal);
          if (event.type === 'updated') seen.push(event.backend.status);
          if (event.type === 'removed') {
            seen.push(event.reason);
            return;
          }
        }
      },
    });
    expect(seen).toEqual(['draining', 'unregistered']);
    expect(outcome.exit).toBe(0);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr.trimEnd().split('\n').slice(1)).toEqual([
      `${URL} drains for 3.0s at most. Interrupt again to leave it to the end of its lease.`,
      `${URL} is unregistered.`,
    ]);
  },
);

test('a drain ends before its time when nothing is in flight', async () => {
  const { exit } = await runProgram(keep('--drain', '1h'), {
    async during({ errors, kill }) {
      await errors.next();
      await registry.updateBackendMetrics({ url: URL }, { inFlightRequests: 3 });
      kill('SIGTERM');
      expect(await errors.next()).toContain('drains for 60m at most');
      await registry.updateBackendMetrics({ url: URL }, { inFlightRequests: 0 });
    },
  });
  expect(exit).toBe(0);
  expect(await registry.listBackends()).toEqual([]);
});

test('who interrupts twice leaves it to the end of its lease', async () => {
  const { exit } = await runProgram(keep('--drain', '1h'), {
    async during({ errors, kill }) {
      await errors.next();
      kill('SIGINT');
      await errors.next();
      kill('SIGINT');
    },
  });
  expect(exit).toBe(130);
  expect((await registry.listBackends()).map(({ status }) => status)).toEqual(['draining']);
});

test('its heartbeats keep it alive, a store that has lost it is told again, and one that is down is tried again', async () => {
  const { exit, stderr } = await runProgram(keep('--heartbeat-timeout', '6s', '--drain', '0', '--timeout', '2s'), {
    async during({ errors, kill }) {
      await errors.next();
      const registeredAgain = async () => {
        for await (const event of registry.watch({ pollIntervalMs: 50 }))
          if ((event.type === 'registered' || event.type === 'snapshot') && (await registry.getBackend({ url: URL })))
            return;
      };
      await server.cli('FLUSHALL');
      await registeredAgain();
      await server.kill();
      expect(await errors.next()).toMatch(/Trying again; a lease lasts 6\.0s from the last heartbeat\.$/);
      await server.restart();
      expect(await errors.next()).toBe(`The store answers again: ${URL} is registered.`);
      kill('SIGTERM');
    },
  });
  expect([exit, stderr.trimEnd().split('\n').at(-1)]).toEqual([0, `${URL} is unregistered.`]);
});

test('it begins while the store is down, and registers when it is there', async () => {
  await server.kill();
  const { exit, stderr } = await runProgram(keep('--drain', '0', '--timeout', '2s', '--incarnation', 'one'), {
    async during({ errors, kill }) {
      expect(await errors.next()).toMatch(/^\w+: Redis cannot be reached \(ECONNREFUSED\)\. .* Trying again\.$/);
      await server.restart();
      expect(await errors.next()).toBe(`${URL} is registered as one, and kept so until interrupted.`);
      kill('SIGTERM');
    },
  });
  expect([exit, stderr.trimEnd().split('\n').at(-1)]).toEqual([0, `${URL} is unregistered.`]);
});

test('interrupted before the store was ever there: it says that nothing was registered, exit 3', async () => {
  await server.kill();
  try {
    const { exit, stderr } = await runProgram(keep('--timeout', '2s'), {
      async during({ errors, kill }) {
        await errors.next();
        kill('SIGTERM');
      },
    });
    expect(exit).toBe(3);
    expect(stderr).toMatch(new RegExp(`\n${URL} was never registered, as far as is known: unregister: .*\n$`));
  } finally {
    await server.restart();
  }
});

test('what the store refuses from the beginning is an error, and not tried for ever', async () => {
  await server.cli('ACL', 'SETUSER', 'less', 'reset', 'on', '>secret', '~*', '&*', '+@all', '-zadd');
  const url = server.url.replace('redis://', 'redis://less:secret@');
  const { exit, stderr } = await runProgram(['register', URL, '--keep', '--registry', url]);
  expect(exit).toBe(3);
  expect(stderr).toMatch(/^error: .* This user lacks, of what a backend needs: ZADD\. ACL SETUSER less \+zadd\n$/);
});

test('a user with the rights of a backend keeps one, and unregisters it', async () => {
  const layout = readFileSync(join(import.meta.dirname, '../../../docs/redis-layout.md'), 'utf8');
  const [, rule = ''] = /^ACL SETUSER backend (.*)$/m.exec(layout) ?? [];
  await server.cli('ACL', 'SETUSER', 'backend', ...rule.split(' '));
  const url = server.url.replace('redis://', 'redis://backend:secret@');
  const { exit, stderr } = await runProgram(['register', URL, '--keep', '--drain', '100ms', '--registry', url], {
    async during({ errors, kill }) {
      await errors.next();
      kill('SIGTERM');
    },
  });
  expect([exit, stderr.trimEnd().split('\n').at(-1)]).toEqual([0, `${URL} is unregistered.`]);
});

test('a store that does not answer at the end: it says what was not done, exit 3', async () => {
  const { exit, stderr } = await runProgram(keep('--drain', '0', '--timeout', '2s'), {
    async during({ errors, kill }) {
      await errors.next();
      await server.freeze();
      kill('SIGTERM');
    },
  }).finally(() => server.thaw());
  expect(exit).toBe(3);
  expect(stderr).toMatch(
    new RegExp(
      `\n${URL} is not unregistered: unregister: no answer from the store within 2000 ms\\. .* Its lease ends by itself, within 60s\\.\n$`,
    ),
  );
});

test('another process at its address ends it, and is left alone', async () => {
  const { exit } = await runProgram(keep('--heartbeat-timeout', '1s'), {
    async during({ errors }) {
      await errors.next();
      await registry.register({ url: URL, incarnation: 'successor' });
      expect(await errors.next()).toBe(`Another process has registered ${URL}: this one has stopped.`);
    },
  });
  expect(exit).toBe(1);
  expect((await registry.listBackends()).map(({ incarnation }) => incarnation)).toEqual(['successor']);
});

test('--json prints each state', async () => {
  const { exit, stdout } = await runProgram(keep('--json', '--drain', '50ms'), {
    async during({ lines, kill }) {
      expect(JSON.parse(await lines.next())).toMatchObject({ state: 'registered', backend: { id: URL } });
      kill('SIGTERM');
    },
  });
  expect(exit).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).state),
  ).toEqual(['registered', 'draining', 'closed']);
});
