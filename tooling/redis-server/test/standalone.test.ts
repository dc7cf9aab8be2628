import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { call } from '../src/call.ts';
import { type RedisServer, startStandalone } from '../src/index.ts';
import { reservePort } from '../src/port.ts';
import { PortTaken, startServer } from '../src/server.ts';

/** One command as the user that the server's URL names, or as another one. */
async function asUser(server: RedisServer, user: [string, string] | undefined, ...command: string[]): Promise<unknown> {
  const [reply] = await call({ host: server.host, port: server.port, ca: server.ca, user }, [command]);
  return reply;
}

test('answers as soon as it is started, on loopback, and keeps nothing on disk', async () => {
  await using server = await startStandalone();
  expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
  expect(await server.cli('PING')).toBe('PONG');
  expect(await asUser(server, undefined, 'PING')).toBe('PONG');
  expect(await server.cli('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
  expect(await server.cli('CONFIG', 'GET', 'save')).toEqual(['save', '']);
  expect(await server.cli('INFO', 'server')).toContain(`process_id:${server.pid}\r\n`);
});

test('decodes replies, and throws error replies', async () => {
  await using server = await startStandalone();
  expect(await server.cli('SET', 'key', 'Größe')).toBe('OK');
  expect(await server.cli('GET', 'key')).toBe('Größe');
  expect(await server.cli('INCR', 'n')).toBe(1);
  expect(await server.cli('EVAL', 'return {1, {"a", false}, {}}', 0)).toEqual([1, ['a', null], []]);
  await expect(server.cli('INCR', 'key')).rejects.toThrow('ERR value is not an integer');
  const large = 'x'.repeat(3_000_000);
  await server.cli('SET', 'large', large);
  expect(await server.cli('GET', 'large')).toBe(large);
});

test('a refused start shows what the server printed', async () => {
  await expect(startStandalone({ args: ['--no-such-option', 'x'] })).rejects.toThrow(/did not start.*no-such-option/s);
});

test('takes arguments', async () => {
  await using server = await startStandalone({ args: ['--maxmemory', '10mb', '--maxmemory-policy', 'noeviction'] });
  expect(await server.cli('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', String(10 * 1024 * 1024)]);
});

test('asks for a password', async () => {
  const password = 'p "w" \\ @:/';
  await using server = await startStandalone({ password });
  expect(decodeURIComponent(new URL(server.url).password)).toBe(password);
  await expect(asUser(server, undefined, 'PING')).rejects.toThrow('NOAUTH');
  await expect(asUser(server, ['default', 'wrong'], 'PING')).rejects.toThrow('WRONGPASS');
  expect(await asUser(server, ['default', password], 'PING')).toBe('PONG');
  expect(await server.cli('PING')).toBe('PONG');
});

test('knows users and what they may do', async () => {
  await using server = await startStandalone({ acl: ['default off', 'app on >secret ~backend:* +get +set'] });
  await expect(asUser(server, undefined, 'PING')).rejects.toThrow('NOAUTH');
  expect(await asUser(server, ['app', 'secret'], 'SET', 'backend:a', '1')).toBe('OK');
  await expect(asUser(server, ['app', 'secret'], 'SET', 'other', '1')).rejects.toThrow('NOPERM');
  expect(await server.cli('GET', 'backend:a')).toBe('1');
});

test('speaks TLS with a certificate that its authority signed', async () => {
  await using server = await startStandalone({ tls: true, password: 'secret' });
  expect(server.url).toBe(`rediss://:secret@127.0.0.1:${server.port}`);
  expect(await asUser(server, ['default', 'secret'], 'PING')).toBe('PONG');
  for (const host of ['127.0.0.1', 'localhost']) {
    const socket = connectTls({
      host: '127.0.0.1',
      servername: host === 'localhost' ? host : '',
      port: server.port,
      ca: server.ca,
    });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.authorized).toBe(true);
    socket.destroy();
  }
  // Without the authority it is not trusted.
  const stranger = connectTls({ host: '127.0.0.1', port: server.port });
  await expect(new Promise((_, reject) => stranger.once('error', reject))).rejects.toThrow(/verify|certificate/);
});

test('killed, it is gone and keeps its port; restarted, it is empty', async () => {
  await using server = await startStandalone();
  const { pid, port } = server;
  await server.cli('SET', 'key', 'value');
  await server.kill();
  expect(server.running).toBe(false);
  await expect(server.cli('PING')).rejects.toThrow('ECONNREFUSED');
  await server.restart();
  expect(server.port).toBe(port);
  expect(server.pid).not.toBe(pid);
  expect(await server.cli('GET', 'key')).toBe(null);
});

test('a persistent server has all that it answered, whether killed or stopped, until it is emptied', async () => {
  await using server = await startStandalone({ persistent: true });
  for (const end of ['kill', 'stop'] as const) {
    const value = `before ${end}`;
    await server.cli('SET', 'key', value);
    await server[end]();
    await server.restart();
    expect(await server.cli('GET', 'key')).toBe(value);
  }
  await server.restart({ empty: true });
  expect(await server.cli('GET', 'key')).toBe(null);
});

test('frozen, it answers nothing and takes connections; thawed, it answers', async () => {
  await using server = await startStandalone();
  await server.freeze();
  const target = { host: server.host, port: server.port };
  await expect(call(target, [['PING']], 100)).rejects.toThrow('No reply within 100 ms');
  const late = call(target, [['PING']]);
  server.thaw();
  expect(await late).toEqual(['PONG']);
});

test('ends while frozen, and while a script runs that cannot be stopped', async () => {
  const frozen = await startStandalone();
  await frozen.freeze();
  await frozen.stop();
  expect(frozen.running).toBe(false);
  await frozen[Symbol.asyncDispose]();

  const busy = await startStandalone();
  const script = busy.cli('EVAL', 'redis.call("SET", "key", 1) while true do end', 0);
  await Promise.all([expect(script).rejects.toThrow(), busy[Symbol.asyncDispose]()]);
  expect(busy.running).toBe(false);
});

test('leaves neither a process nor a file nor a port behind', async () => {
  const server = await startStandalone({ tls: true, persistent: true });
  const { pid, port } = server;
  const [, folder = ''] = (await server.cli('CONFIG', 'GET', 'dir')) as string[];
  expect(existsSync(folder)).toBe(true);
  await server[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(existsSync(folder)).toBe(false);
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(port + 1, '127.0.0.1', resolve));
  probe.close();
});

test('many start at once, each on its own port', async () => {
  const servers = await Promise.all(Array.from({ length: 8 }, () => startStandalone()));
  expect(new Set(servers.map(({ port }) => port)).size).toBe(8);
  await Promise.all(servers.map((server, index) => server.cli('SET', 'me', index)));
  expect(await Promise.all(servers.map((server) => server.cli('GET', 'me')))).toEqual([...'01234567']);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

test('a port that another program took meanwhile is noticed, also when that program is a Redis', async () => {
  await using other = await startStandalone();
  const port = { number: other.port, release: () => Promise.resolve() };
  await expect(startServer({ config: ['save ""'] }, port)).rejects.toThrow(PortTaken);
  expect(await other.cli('PING')).toBe('PONG');
});

test('a reserved port is reserved for one', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, () => reservePort()));
  expect(new Set(ports.map(({ number }) => number)).size).toBe(200);
  await Promise.all(ports.map((port) => port.release()));
});
