import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROGRAM, runProgram } from './program.ts';
import { TestTerminal } from './terminal.ts';

const SECRET = 'geheim';
let server: RedisServer;

beforeAll(async () => {
  server = await startStandalone({ password: SECRET });
  await using registry = new RedisBackendRegistry({ url: server.url, heartbeatTimeoutMs: 3_600_000 });
  await registry.registerAll(
    Array.from({ length: 2_000 }, (_, n) => ({
      url: 'http://10.0.0.1',
      port: 1_000 + n,
      metadata: { of: 'x'.repeat(60) },
    })),
  );
  await registry.register({
    url: 'http://10.0.0.0:1',
    zone: '\x1b[2J\x1b]0;gone\x07eu',
    incarnation: '\x1b[31mred\u202e',
    metadata: { '\x9b1m': 'a\r\nb' },
  });
});

afterAll(() => server[Symbol.asyncDispose]());

test.each([
  [['lst'], "error: unknown command 'lst' (Did you mean list?)"],
  [['help', 'lst'], "error: unknown command 'lst' (Did you mean list?)"],
  [['list', '--registry', ''], 'error: --registry is empty: give it an address, or leave it out.'],
  [['list', '--jsn'], "error: unknown option '--jsn' (Did you mean --json?)"],
  [['list', '--regstry=redis://127.0.0.1'], "error: unknown option '--regstry' (Did you mean --registry?)"],
  [['--registry', 'redis://127.0.0.1', 'list'], /^error: --registry stands after the command: /],
  [['list', '--JSON'], "error: unknown option '--JSON' (Did you mean --json?)"],
  [
    ['list', '--cert', 'a.pem'],
    'error: --cacert, --cert, --key and --insecure are for TLS: begin the url with rediss://.',
  ],
  [
    ['list', '--registry', 'rediss://localhost', '--cert', 'a.pem'],
    'error: --cert and --key go together: give both, or neither.',
  ],
  [['lst', '--help'], "error: unknown command 'lst' (Did you mean list?)"],
  ...['redis://127.0.0.1', 'redis:/u:hush@h', 'redis//u:hush@h', 'u:hu@sh@h:6379/1', 'u:hush@[::1]:1,h:2'].flatMap(
    (address): [string[], string][] => [
      [['list', '--prefix', address], 'error: --prefix is an address: those stand in --registry.'],
      [
        ['list', '--sentinel', address],
        'error: --sentinel is an address, and not the name of a master: those stand in --registry.',
      ],
    ],
  ),
  [
    ['list', '--registry', 'http://10.0.0.1:8001'],
    /^error: --registry begins with http:\/\/, which would show the token/,
  ],
  [['list', '--timeout', '9999h'], 'error: --timeout is "9999h": it must be no more than 24 days.'],
  [['get'], "error: missing required argument 'url'"],
  [['list', 'a', 'b'], "error: too many arguments for 'list'. Expected 0 arguments but got 2."],
  [['health', 'http://a', 'dwn'], "error: 'dwn' is no state. Allowed choices are up, down."],
  [['list', '--status', 'ill'], /^error: --status 'ill' is unknown\. Allowed choices are healthy, /],
  [['register', 'http://a', '--weight', 'much'], 'error: --weight is "much": it must be a number, 0 or more.'],
  [['register', 'http://a', '--drain', '5s'], 'error: --drain says how --keep ends: give both.'],
  [['heartbeat', 'a:1', '--registry', 'redis://127.0.0.1:1'], /^error: Invalid backend: url is "a:1"/],
  [['drain', 'http://a', '--off', '--deadline', '5s'], /^error: --off takes a drain back/],
  [['cleanup', '--limit', '0'], 'error: --limit is "0": it must be a whole number, 1 or more.'],
  [['cleanup', '--dry-run', '--limit', '3'], 'error: --dry-run shows all that would go: leave --limit out.'],
])('%j: one line, and exit 2', async (args, line) => {
  const { exit, stdout, stderr } = await runProgram(args);
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr.endsWith('\n')).toBe(true);
  if (typeof line === 'string') expect(stderr.trimEnd()).toBe(line);
  else expect(stderr.trimEnd()).toMatch(line);
});

test.each([
  ['list', '--registry', `redis//:${SECRET}@127.0.0.1:1`],
  ['list', '--registry', `redis://:${SECRET}@127.0.0.1:1`, '--timeout', '100ms'],
  ['list', '--registry', `redis://u:${SECRET}/x@127.0.0.1:1`],
  ['list', '--registry', `https://u:${SECRET}@127.0.0.1:1`],
  ['list', '--registry', 'https://127.0.0.1:1', '--token', SECRET, '--timeout', '100ms'],
  [`redis://:${SECRET}@127.0.0.1:1`],
  ['list', `--tokn=${SECRET}`],
  ['list', `--token${SECRET}`],
  ['list', '--db', SECRET],
  ['list', '--sentinel', `redis://:${SECRET}@127.0.0.1:1`],
  ['doctor', '--prefix', `redis://:${SECRET}@127.0.0.1:1`],
  ['import', `redis://:${SECRET}@127.0.0.1:1`],
  ['list', '--status', `redis://:${SECRET}@127.0.0.1:1`],
  ['list', '--timeout', `redis://:${SECRET}@127.0.0.1:1`],
  ['heartbeat', `http://u:${SECRET}@10.0.0.1:8001`],
  ['heartbeat', `http://10.0.0.1:8001/?token=${SECRET}`],
  ['register', 'http://10.0.0.1:8001', '--meta', `redis://:${SECRET}@127.0.0.1:1`],
])('no secret stands in what is said: %s %s', async (...args) => {
  const { exit, stdout, stderr } = await runProgram(args);
  expect(exit).toBeGreaterThanOrEqual(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(stderr).not.toContain(SECRET);
});

test('a store that cannot be reached: one line, what was tried, exit 3, within its time', async () => {
  const outcomes = await Promise.all([
    runProgram(['list'], { env: { REDIS_URL: 'redis://127.0.0.1:1' } }),
    runProgram(['get', 'http://a', '--registry', 'redis://127.0.0.1:1', '--timeout', '2s']),
    runProgram(['register', 'http://a', '--registry', 'redis://127.0.0.1:1', '--timeout', '2s']),
  ]);
  for (const { exit, stdout, stderr } of outcomes) {
    expect([exit, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error: redis:\/\/127\.0\.0\.1:1: [^\n]*ECONNREFUSED[^\n]*\n$/);
  }
});

test('a wrong password is refused in one line', async () => {
  const url = server.url.replace(SECRET, 'wrong');
  const { exit, stderr } = await runProgram(['list', '--registry', url]);
  expect(exit).toBe(3);
  expect(stderr).toMatch(/^error: redis:\/\/127\.0\.0\.1:\d+: [^\n]*it does not take this user or password[^\n]*\n$/);
  expect(stderr).not.toContain('wrong@');
});

test('whoever stops reading the doctor hears no other verdict', async () => {
  const command = `"${process.execPath}" "${PROGRAM}" doctor | head -n 1; echo "\${PIPESTATUS[0]}"`;
  await using terminal = new TestTerminal('/bin/bash', ['-c', command], {
    columns: 200,
    env: { REDIS_URL: server.url },
  });
  await terminal.ended();
  expect(terminal.text).toMatch(/^redis:\/\/127[^\n]*\n\d+ in order, \d to look at, 0 broken\.\n0$/);
});

test('whoever stops reading ends it without a word', async () => {
  const command = `"${process.execPath}" "${PROGRAM}" list | head -n 2; echo "\${PIPESTATUS[0]}"`;
  await using terminal = new TestTerminal('/bin/bash', ['-c', command], {
    columns: 200,
    env: { REDIS_URL: server.url },
  });
  await terminal.ended();
  const lines = terminal.text.split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^BACKEND /);
  expect(lines[2]).toBe('0');
});

test('an answer that cannot be written is a failure', async () => {
  const command = `"${process.execPath}" "${PROGRAM}" list --json > /dev/full; echo "exit $?"`;
  await using terminal = new TestTerminal('/bin/bash', ['-c', command], {
    columns: 200,
    env: { REDIS_URL: server.url },
  });
  await terminal.ended();
  expect(terminal.text).toMatch(/^error: the answer cannot be written: ENOSPC.*\nexit 3$/);
});

test('what others have written never moves the cursor', async () => {
  for (const args of [
    ['list', '--zone', '\x1b[2J\x1b]0;gone\x07eu'],
    ['get', 'http://10.0.0.0:1'],
  ]) {
    const { stdout } = await runProgram(args, { env: { REDIS_URL: server.url } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(stdout).toContain('\\x1b[2J\\x1b]0;gone\\x07eu');
  }
  for (const args of [['list', '--json'], ['export']]) {
    const { stdout } = await runProgram(args, { env: { REDIS_URL: server.url } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    // And nothing is lost by it.
    const texts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(texts.flat()).toContainEqual(
      expect.objectContaining({ incarnation: '\x1b[31mred\u202e', metadata: { '\x9b1m': 'a\r\nb' } }),
    );
  }
});

test('colours: none in a pipe, none with NO_COLOR, some with FORCE_COLOR', async () => {
  const coloured = async (env: Record<string, string>) => {
    const { stdout } = await runProgram(['get', 'http://10.0.0.1:1000'], { env: { REDIS_URL: server.url, ...env } });
    return stdout.includes('\x1b[32mhealthy\x1b[39m');
  };
  expect(await coloured({})).toBe(false);
  expect(await coloured({ FORCE_COLOR: '1' })).toBe(true);
  await using terminal = TestTerminal.run(['list'], { columns: 120, env: { REDIS_URL: server.url } });
  await using plain = TestTerminal.run(['list'], { columns: 120, env: { REDIS_URL: server.url, NO_COLOR: '1' } });
  await Promise.all([terminal.ended(), plain.ended()]);
  expect(terminal.coloured).toBe(true);
  expect(plain.coloured).toBe(false);
  expect(plain.lines.every((line) => line.length <= 120)).toBe(true);
});
