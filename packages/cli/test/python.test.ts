/** `docs/migrating-from-python.md` is what happens: its Python, its commands, and a program in TypeScript, on one Redis. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { announce } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preparePython } from '../../ioredis/test/python/run.ts';
import { runProgram } from './program.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/migrating-from-python.md'), 'utf8');
const blocks = (language: string) =>
  Array.from(page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')), ([, code = '']) => code);

const server = await startStandalone();
const folder = mkdtempSync(join(tmpdir(), 'backend-registry-'));
const corrupt: string[] = [];
const registry = new RedisBackendRegistry({
  url: server.url,
  commandTimeoutMs: 30_000,
  onCorrupt: ({ id, reason }) => corrupt.push(`${id}: ${reason}`),
});
beforeAll(async () => {
  await preparePython();
  writeFileSync(join(folder, 'registry.py'), blocks('python').join('\n'));
}, 600_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await registry.close();
  await server[Symbol.asyncDispose]();
});

const url = 'http://api.example.com';

/** Runs lines with `r`, the Python registry, and `b`, which makes a backend of a port; resolves to what they print as JSON. */
async function python(...lines: string[]): Promise<unknown> {
  const program = [
    'import json, sys',
    'sys.path.insert(0, sys.argv[1])',
    'from registry import RedisBackendRegistry',
    'r = RedisBackendRegistry(sys.argv[2])',
    `b = lambda port: {"url": "${url}", "port": port, "health": True, "in_flight_requests": 1.5, "rif_avg_latency": 2.0, "overall_avg_latency": 3.0}`,
    ...lines,
  ].join('\n');
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', program, folder, server.url]);
  return stdout === '' ? undefined : JSON.parse(stdout);
}

const pythonList = () => python('print(json.dumps([[b["port"], b["health"]] for b in r.list_backends()]))');
const list = async () => (await registry.listBackends()).map(({ port, health }) => [port, health]);

/** Runs the commands of one block of the page, and resolves to what each prints. */
async function commands(block: string | undefined): Promise<string[]> {
  const printed: string[] = [];
  for (const line of (block ?? expect.fail('The page has fewer commands')).trimEnd().split('\n')) {
    const [program, ...args] = line.split(' ');
    expect(program).toBe('backend-registry');
    const { exit, stdout, stderr } = await runProgram(args, { env: { REDIS_URL: server.url }, cwd: folder });
    expect(exit, `${line}: ${stderr}`).toBe(0);
    printed.push(stdout);
  }
  return printed;
}

test('the change-over of the page, step by step', { timeout: 120_000 }, async () => {
  const [adopting, ending] = blocks('sh').filter((block) => block.startsWith('backend-registry'));
  const away = blocks('sh').find((block) => block.startsWith('redis-cli')) ?? '';
  await python('[r.register(b(port)) for port in (8001, 8002, 8003)]');
  expect(await list()).toEqual([]);

  const [dry, adopted, listed] = await commands(adopting);
  const all = [8001, 8002, 8003].map((port) => `${url}:${port}\n`).join('');
  expect([dry, adopted]).toEqual([all, all]);
  expect(listed?.trimEnd().split('\n')).toHaveLength(4);
  const healthy = (...ports: number[]) => ports.map((port) => [port, true]);
  expect(await list()).toEqual(healthy(8001, 8002, 8003));
  expect(await pythonList()).toEqual(healthy(8001, 8002, 8003));
  const { expiresInMs = 0 } = (await registry.getBackend({ url, port: 8001 })) ?? {};
  expect(expiresInMs).toBeGreaterThan(3_000_000);

  // A heartbeat of Python does not reach the lease, and does no harm.
  await python('r.heartbeat(b(8001))');
  expect((await registry.getBackend({ url, port: 8001 }))?.expiresInMs).toBeLessThan(expiresInMs);
  expect(await list()).toEqual(healthy(8001, 8002, 8003));

  // One that registers in Python later is adopted later.
  await python('r.register(b(8004))');
  expect(await list()).toEqual(healthy(8001, 8002, 8003));
  expect((await commands(adopting))[1]).toBe(`${url}:8004\n`);

  // A backend changes over: Python deletes its keys, TypeScript takes its address.
  await python('r.unregister(b(8001))');
  expect(await pythonList()).toEqual(healthy(8002, 8003, 8004));
  await using announcement = announce(registry, { url, port: 8001 }, { drainNoticeMs: 1 });
  await announcement.ready;
  // Another one ends without a word.
  await using another = announce(registry, { url, port: 8002 }, { drainNoticeMs: 1 });
  await another.ready;
  expect(await list()).toEqual(healthy(8001, 8002, 8003, 8004));
  expect(await pythonList()).toEqual(healthy(8001, 8002, 8003, 8004));
  await registry.updateBackendHealth({ url, port: 8002 }, false);
  expect(await pythonList()).toContainEqual([8002, false]);
  await another.close();
  expect(await pythonList()).toEqual(healthy(8001, 8003, 8004));

  // What Python writes over an adopted row cannot be read, until it is adopted again or registers through a registry.
  await python('r.register(b(8003))');
  await using fresh = new RedisBackendRegistry({ url: server.url, onCorrupt: ({ id }) => corrupt.push(id) });
  expect((await fresh.listBackends()).map(({ port }) => port)).toEqual([8001, 8004]);
  expect(corrupt).toContain(`${url}:8003`);
  expect((await commands(adopting))[1]).toBe(`${url}:8003\n`);
  expect((await fresh.listBackends()).map(({ port }) => port)).toEqual([8001, 8003, 8004]);
  await python('r.register(b(8003))');
  await registry.register({ url, port: 8003 });
  expect((await fresh.listBackends()).map(({ port }) => port)).toEqual([8001, 8003, 8004]);

  // The lease of one that was adopted and has not come back ends.
  await registry.heartbeat({ url, port: 8004, heartbeatTimeoutMs: 1 });
  const [expired, , would, removed] = await commands(ending);
  expect(expired).toContain(`${url}:8004`);
  expect([would, removed]).toEqual([`${url}:8004\n`, `${url}:8004\n`]);
  expect(await pythonList()).toEqual(healthy(8001, 8003));
  expect(readFileSync(join(folder, 'before-cleanup.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(5);

  // The way back: without the index, nothing of the registry is left but the rows.
  await announcement.close();
  await python('r.register(b(8001))');
  const [, ...words] = away.trim().split(' ');
  await server.cli(words[0] ?? '', ...words.slice(1));
  expect(((await server.cli('KEYS', '*')) as string[]).filter((key) => !/^(backend|heartbeat):/.test(key))).toEqual([]);
  expect(await pythonList()).toEqual(healthy(8001, 8003));
});
