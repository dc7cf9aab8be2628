/** Two backends and a proxy of an example, as processes of their runtime, with Upstash's protocol between them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startUpstashRest, type UpstashRest } from '@backend-registry/upstash-rest';
import { expect, test } from 'vitest';

export interface FleetOptions {
  /** For the name of the test. */
  readonly runtime: string;
  /** Of the example: where `src/backend.ts` and `src/proxy.ts` are. */
  readonly directory: string;
  readonly command: string;
  /** Before the name of the program. */
  readonly args: readonly string[];
}

export function testFleet(options: FleetOptions): void {
  test(`on ${options.runtime}: backends announce themselves, a proxy finds them, one leaves and no request fails`, {
    timeout: 60_000,
  }, async () => {
    await using bridge = await startUpstashRest();
    await using one = await start(options, 'backend', bridge);
    await using two = await start(options, 'backend', bridge);
    await using proxy = await start(options, 'proxy', bridge);
    const ask = async () => {
      const response = await fetch(proxy.origin);
      expect(response.status).toBe(200);
      return (await response.text()).trim();
    };
    const seen = new Set<string>();
    await expect.poll(async () => seen.add(await ask()).size, PATIENT).toBe(2);

    // Requests go on while one drains, unregisters and ends.
    one.stop();
    while (!one.ended) await ask();
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    expect(new Set(answers)).toEqual(new Set([`${two.pid} is here`]));
  });
}

const PATIENT = { timeout: 20_000 };

interface Program extends AsyncDisposable {
  readonly pid: number | undefined;
  /** It listens there. */
  readonly origin: string;
  readonly ended: boolean;
  /** As an operator would. */
  stop(): void;
}

async function start(
  { directory, command, args }: FleetOptions,
  name: string,
  { url, token }: UpstashRest,
): Promise<Program> {
  const child: ChildProcess = spawn(command, [...args, `src/${name}.ts`], {
    cwd: directory,
    env: { ...process.env, PORT: '0', UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = await Promise.race([once(lines, 'line'), exited.then(() => ['nothing, and ended'])]);
  const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line[0])) ?? [];
  if (origin === undefined) throw new Error(`${name} printed ${String(line[0])}`);
  return {
    pid: child.pid,
    origin,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    stop: () => child.kill('SIGTERM'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
