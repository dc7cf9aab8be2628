/** Runs a command of a page as the shell of an operator does, on the servers that were prepared for it. */
import { spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findServer } from '@backend-registry/redis-server';
import { PROGRAM } from '../program.ts';

/** Where the servers are that a page calls `localhost:PORT`, by that port: here they listen on ports that were free. */
export type Ports = Readonly<Record<number, number>>;

const USUAL_PORT = 6379;

export class Shell {
  readonly #folder: string;
  readonly #ports: Ports;

  /** @param folder where it works */
  static async open(folder: string, ports: Ports): Promise<Shell> {
    const port = ports[USUAL_PORT];
    const shims: Readonly<Record<string, string>> = {
      'backend-registry': `exec '${process.execPath}' '${PROGRAM}' "$@"`,
      'redis-cli': `exec '${await findClient()}' ${port === undefined ? '' : `-p ${port}`} "$@"`,
    };
    for (const [name, line] of Object.entries(shims)) {
      const path = join(folder, name);
      writeFileSync(path, `#!/bin/sh\n${line}\n`);
      chmodSync(path, 0o755);
    }
    return new Shell(folder, ports);
  }

  private constructor(folder: string, ports: Ports) {
    this.#folder = folder;
    this.#ports = ports;
  }

  /**
   * The lines of what it printed, with the addresses of the page: both streams in their order. Of a pipeline the order is nobody's, and what is said on stderr
   * stands at the end.
   *
   * @param enough interrupts it when it has printed so many lines: for commands without an end
   */
  run(command: string, enough = Number.POSITIVE_INFINITY): Promise<string[]> {
    const port = this.#ports[USUAL_PORT];
    const plain = command.replace(/'[^']*'/g, '');
    const isPipeline = plain.includes('|');
    const child = spawn('/bin/sh', ['-c', isPipeline ? this.#here(command) : `exec 2>&1; ${this.#here(command)}`], {
      cwd: this.#folder,
      env: {
        PATH: [this.#folder, process.env.PATH].join(delimiter),
        ...(port !== undefined && { REDIS_URL: `redis://localhost:${port}` }),
        // It prints as on a terminal, unless another program reads it.
        ...(!/[|>]/.test(plain) && { FAKETTY: '1' }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to interrupt all of it as a terminal does.
      detached: true,
    });
    let text = '';
    let said = '';
    const lines = (): string[] => this.#onPage((text + said).replaceAll('\r', '').trimEnd()).split('\n');
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('\n') && lines().length >= enough && child.pid !== undefined)
        process.kill(-child.pid, 'SIGINT');
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve(text + said === '' ? [] : lines().slice(0, enough)));
    });
  }

  #here(command: string): string {
    return command.replace(/(localhost:|-p )(\d+)/g, (_, before: string, port: string) => before + this.#portOf(port));
  }

  #portOf(port: string): number | string {
    return this.#ports[Number(port)] ?? port;
  }

  #onPage(text: string): string {
    const named = Object.entries(this.#ports).reduce(
      (sum, [page, here]) => sum.replaceAll(new RegExp(`\\b${here}\\b`, 'g'), page),
      text,
    );
    return named.replaceAll('127.0.0.1', 'localhost');
  }
}

/** Beside the server that the tests run on, or on the path. */
async function findClient(): Promise<string> {
  const folders = [dirname(await findServer()), ...(process.env.PATH ?? '').split(delimiter), '/usr/bin'];
  for (const name of ['redis-cli', 'valkey-cli'])
    for (const folder of folders) if (isProgram(join(folder, name))) return join(folder, name);
  throw new Error('redis-cli is not installed: it comes with the packages redis-tools and valkey-tools.');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
