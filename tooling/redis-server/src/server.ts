import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, call, type Target } from './call.ts';
import type { Certificates } from './certificate.ts';
import { findServer } from './find.ts';
import { guarded, temporaryFolder } from './guard.ts';
import { type Port, reservePort } from './port.ts';
import { processState } from './process-state.ts';
import type { Reply } from './resp.ts';
import { until } from './until.ts';

/** One process of Redis on a loopback port. */
export interface RedisServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `redis://` or `rediss://`, with the password if there is one. */
  readonly url: string;
  /** The authority that signed the server's certificate (PEM), where it speaks TLS. */
  readonly ca: string | undefined;
  /** Of the process that runs, or ran last. */
  readonly pid: number;
  readonly running: boolean;
  /** Whether it runs and is not {@link freeze frozen}. */
  readonly awake: boolean;
  /** Ends the process, by default with SIGKILL, and waits until it is gone. The port stays reserved. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the process as an operator would, with SIGTERM. The port stays reserved. */
  stop(): Promise<void>;
  /**
   * Kills the process if it runs, and starts it on the same port. What it wrote to disk is read again unless `empty`
   * says otherwise; only a persistent server has written all of it.
   */
  restart(options?: { empty?: boolean }): Promise<void>;
  /** Stops the process (SIGSTOP): connections stay open, nothing is answered. */
  freeze(): Promise<void>;
  thaw(): void;
  /** One command as a user who may do all; an error reply is thrown. */
  cli(...command: Command): Promise<Reply>;
  /** What the processes printed so far. */
  log(): string;
}

export interface Program {
  /** Lines of the configuration file, beside the port's. */
  readonly config: readonly string[];
  /** Arguments of the program, after the configuration file. */
  readonly args?: readonly string[];
  readonly password?: string | undefined;
  readonly certificates?: Certificates | undefined;
  /** The program knows users (a Sentinel does not need any). */
  readonly users?: boolean;
}

const START_TIMEOUT_MS = 15_000;
/** A server may refuse SIGTERM, for instance while a script runs that has written. */
const STOP_TIMEOUT_MS = 3_000;

/** Another program took the port before the server did: start again with another one. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/** Runs `start` again while it loses its ports to other programs. */
export async function withFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === 10) throw error;
    }
  }
}

/** Starts a server on `port`, and owns that port from then on, also when it fails. */
export async function startServer(program: Program, port: Port): Promise<RedisServer> {
  const server = new Process(await findServer(), program, port);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

export function startServerAnywhere(program: Program): Promise<RedisServer> {
  return withFreePorts(async () => startServer(program, await reservePort()));
}

class Process implements RedisServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly url: string;
  readonly ca: string | undefined;

  readonly #path: string;
  readonly #args: readonly string[];
  readonly #port: Port;
  readonly #target: Target;
  readonly #folder: string = mkdtempSync(join(temporaryFolder(), 'server-'));
  readonly #data: string = join(this.#folder, 'data');
  readonly #log: string = join(this.#folder, 'log');
  #child: ChildProcess | undefined;
  #exit: Promise<void> = Promise.resolve();

  constructor(path: string, { config, args = [], password, certificates, users = true }: Program, port: Port) {
    this.#path = path;
    this.#port = port;
    this.port = port.number;
    this.ca = certificates?.ca;
    const scheme = certificates === undefined ? 'redis' : 'rediss';
    const account = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
    this.url = `${scheme}://${account}${this.host}:${this.port}`;
    const secret = randomBytes(16).toString('hex');
    this.#target = { host: this.host, port: this.port, ca: this.ca, user: users ? ['tooling', secret] : undefined };

    const configFile = join(this.#folder, 'redis.conf');
    const lines = [
      'bind 127.0.0.1',
      `dir ${quote(this.#data)}`,
      ...(certificates === undefined ? [`port ${this.port}`] : this.#tls(certificates)),
      ...(users ? [`user tooling on >${secret} ~* &* +@all`] : []),
      ...(password === undefined ? [] : [`requirepass ${quote(password)}`]),
      ...config,
    ];
    mkdirSync(this.#data);
    writeFileSync(configFile, `${lines.join('\n')}\n`, { mode: 0o600 });
    this.#args = [configFile, ...args];
  }

  get pid(): number {
    return this.#child?.pid ?? Number.NaN;
  }

  get running(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  async start(): Promise<void> {
    const began = this.log().length;
    const output = openSync(this.#log, 'a');
    const child = spawn(this.#path, this.#args, { stdio: ['ignore', output, output], detached: true });
    closeSync(output);
    this.#child = child;
    this.#exit = new Promise((resolve) => {
      child.once('exit', () => resolve());
      // The program could not be run at all.
      child.once('error', (error) => {
        writeFileSync(this.#log, `${error.message}\n`, { flag: 'a' });
        resolve();
      });
    });
    if (child.pid !== undefined) guarded(child);
    // A server that was forgotten does not keep the process alive: it is ended with it.
    child.unref();

    let failure: unknown;
    try {
      await until('the server answers', async () => !this.running || (await this.#answers()), {
        timeoutMs: START_TIMEOUT_MS,
      });
      if (this.running) return;
    } catch (error) {
      failure = error;
    }
    await this.kill();
    const log = this.log().slice(began);
    if (/address already in use|failed listening/i.test(log)) throw new PortTaken(`Port ${this.port} is taken`);
    throw new Error(`${this.#path} did not start. Its output:\n${log}`, { cause: failure });
  }

  get awake(): boolean {
    return this.running && processState(this.pid) !== 'T';
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.running) this.#child?.kill(signal);
    await this.#gone();
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.thaw();
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#gone();
    clearTimeout(timer);
  }

  async restart({ empty = false }: { empty?: boolean } = {}): Promise<void> {
    await this.kill();
    if (empty) {
      // A node of a Cluster stays the node that it was.
      const files = readdirSync(this.#data).filter((file) => file !== 'nodes.conf');
      for (const file of files) rmSync(join(this.#data, file), { recursive: true });
    }
    await this.start();
  }

  async freeze(): Promise<void> {
    this.#child?.kill('SIGSTOP');
    await until('the server is stopped', () => processState(this.pid) === 'T', { everyMs: 1 });
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async cli(...command: Command): Promise<Reply> {
    const [reply = null] = await call(this.#target, [command]);
    return reply;
  }

  log(): string {
    try {
      return readFileSync(this.#log, 'utf8');
    } catch {
      return '';
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#port.release();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #tls({ ca, certificate, key }: Certificates): string[] {
    const write = (file: string, content: string) => {
      const path = join(this.#folder, file);
      writeFileSync(path, content, { mode: 0o600 });
      return quote(path);
    };
    return [
      'port 0',
      `tls-port ${this.port}`,
      `tls-ca-cert-file ${write('ca.pem', ca)}`,
      `tls-cert-file ${write('server.pem', certificate)}`,
      `tls-key-file ${write('server.key', key)}`,
      'tls-auth-clients no',
    ];
  }

  /** Whether this process, and not another one on the same port, has loaded its data and answers. */
  async #answers(): Promise<boolean> {
    const [info] = await call(this.#target, [['INFO', 'server'], ['PING']], START_TIMEOUT_MS);
    return String(info).includes(`process_id:${this.pid}\r\n`);
  }

  /** Waits for the end of the process, and keeps this one alive meanwhile. */
  async #gone(): Promise<void> {
    this.#child?.ref();
    await this.#exit;
    this.#child?.unref();
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}
