/** The servers that systems are measured on: each a process of its own on loopback, which ends with the bench. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { guarded, type Port, temporaryFolder, until } from '@backend-registry/redis-server';

export interface ServerOptions {
  /** Keeps what it is told over a restart, as far as it can. Default: whatever is fastest. */
  readonly durable?: boolean;
}

export interface PeerServer extends AsyncDisposable {
  /** What a client is given: a url, or host and port. */
  readonly endpoint: string;
  readonly port: number;
  readonly version: string;
  /** Every process whose time and memory is the server's. */
  readonly pids: readonly number[];
  /** Those of them that keep the data. Default: all. */
  readonly storePids?: readonly number[];
  /** Connections stay open, and nothing is answered (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  /** Killed with SIGKILL, and started again with what it has kept. */
  restart(): Promise<void>;
  /** Has no data from now on, by whatever is fastest. */
  empty(): Promise<void>;
  /** Killed with SIGKILL, and started again with nothing. */
  lose(): Promise<void>;
  /** Has so many keys of other programs from now on. */
  crowd?(keys: number): Promise<void>;
}

let base: string | undefined;

/** A folder in memory where there is one (`/dev/shm`): whoever writes to disk pays as little as can be. */
export function fastFolder(name: string): string {
  base ??= makeBase();
  return mkdtempSync(join(base, `${name}-`));
}

function makeBase(): string {
  if (!existsSync('/dev/shm')) return temporaryFolder();
  const folder = mkdtempSync(join('/dev/shm', 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // A signal ends a process without that event.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  return folder;
}

export interface Program {
  readonly name: string;
  readonly port: Port;
  /** Emptied when the server loses its data. */
  readonly folder: string;
  readonly command: readonly string[];
  /** What it prints when clients may come. */
  readonly readyWhen: RegExp;
  /** Where it prints that too early: whether it serves. */
  readonly serves?: (port: number) => Promise<boolean>;
  /** The version in what it prints. */
  readonly version: RegExp;
}

const START_TIMEOUT_MS = 30_000;

/** A server that is a child process and says on its output when it is ready. */
export class ProgramServer implements PeerServer {
  readonly endpoint: string;
  readonly port: number;
  version = 'unknown';
  readonly #program: Program;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();

  private constructor(program: Program) {
    this.#program = program;
    this.port = program.port.number;
    this.endpoint = `127.0.0.1:${this.port}`;
  }

  static async start(program: Program): Promise<ProgramServer> {
    const server = new ProgramServer(program);
    await server.#start();
    return server;
  }

  get pids(): readonly number[] {
    return this.#child?.pid === undefined ? [] : [this.#child.pid];
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.#kill();
    await this.#start();
  }

  empty(): Promise<void> {
    return this.lose();
  }

  async lose(): Promise<void> {
    await this.#kill();
    rmSync(this.#program.folder, { recursive: true, force: true });
    mkdirSync(this.#program.folder, { recursive: true });
    await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill();
    await this.#program.port.release();
    rmSync(this.#program.folder, { recursive: true, force: true });
  }

  async #kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
  }

  async #start(): Promise<void> {
    await this.#run();
    const { name, serves } = this.#program;
    if (serves !== undefined)
      await until(`${name} serves`, () => serves(this.port), { timeoutMs: START_TIMEOUT_MS, everyMs: 20 });
  }

  #run(): Promise<void> {
    const { name, command, readyWhen, version } = this.#program;
    const [path = '', ...args] = command;
    const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    if (child.pid !== undefined) guarded(child);
    this.#gone = new Promise((resolve) => child.once('exit', resolve));
    return new Promise((resolve, reject) => {
      let log = '';
      let ready = false;
      const fail = (why: unknown) => reject(new Error(`${name} did not start: ${why}\n${log}`));
      const timer = setTimeout(() => fail(`not ready within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
      child.once('error', fail);
      child.once('exit', (code) => fail(`it ended with ${code}`));
      const read = (chunk: Buffer) => {
        if (ready) return; // read on, so that the pipe does not fill up
        log += chunk;
        if (!readyWhen.test(log)) return;
        ready = true;
        clearTimeout(timer);
        this.version = version.exec(log)?.[1] ?? this.version;
        resolve();
      };
      for (const output of [child.stdout, child.stderr]) output?.on('data', read);
    });
  }
}
