/** A NATS server with JetStream, the peer whose watch is the fastest: its program is Debian's. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guarded, temporaryFolder } from '@backend-registry/redis-server';

export interface NatsServer {
  readonly port: number;
  readonly version: string;
}

const CACHE = fileURLToPath(new URL('../node_modules/.cache/nats-server', import.meta.url));
const START_TIMEOUT_MS = 15_000;

/** Starts one on a free port of 127.0.0.1, which ends with this process. Throws where there is none to be had. */
export async function startNats(): Promise<NatsServer> {
  const program = find() ?? fetchProgram();
  const folder = mkdtempSync(join(temporaryFolder(), 'nats-server-'));
  const args = ['--addr', '127.0.0.1', '--port', '-1', '--jetstream', '--store_dir', folder];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (child.pid !== undefined) guarded(child);
  const log = await ready(child);
  const [, port] = /client connections on 127\.0\.0\.1:(\d+)/.exec(log) ?? [];
  const [, version = 'unknown'] = /Version: +(\S+)/.exec(log) ?? [];
  return { port: Number(port), version };
}

/** What it printed until it was ready. */
function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (why: unknown) => reject(new Error(`nats-server did not start: ${why}`, { cause: log }));
    const timer = setTimeout(() => fail(`not ready within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.once('error', fail);
    child.once('exit', (code) => fail(`it ended with ${code}`));
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk;
      if (!log.includes('Server is ready')) return;
      clearTimeout(timer);
      resolve(log);
    });
  });
}

function find(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/bin',
    join(CACHE, 'usr/sbin'),
  ];
  return (
    process.env.NATS_SERVER ?? folders.map((folder) => join(folder, 'nats-server')).find((file) => existsSync(file))
  );
}

/** Takes the program out of Debian's package. Installing that would start a service on port 4222. */
function fetchProgram(): string {
  console.error('No nats-server found: apt-get download nats-server');
  mkdirSync(CACHE, { recursive: true });
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: CACHE, stdio: 'pipe' });
  try {
    run('apt-get', 'download', 'nats-server');
  } catch {
    run('apt-get', 'update');
    run('apt-get', 'download', 'nats-server');
  }
  run('dpkg-deb', '--extract', readdirSync(CACHE).find((file) => file.endsWith('.deb')) ?? '', '.');
  return join(CACHE, 'usr/sbin/nats-server');
}
