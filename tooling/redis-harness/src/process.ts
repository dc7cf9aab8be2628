/** No lost connection ends a process, and no handle keeps one alive. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { startStandalone } from '@backend-registry/redis-server';
import { describe, expect, test } from 'vitest';
import { eventually } from './witness.ts';

/** What is left open would keep the process alive: nothing is, so this is for a busy machine. */
const EXIT_MS = 4_000;

/** @param program runs `runProgram` with the adapter */
export function testProcess(name: string, program: string): void {
  describe(`${name}: a process of its own, in which an unhandled rejection is fatal`, { timeout: 30_000 }, () => {
    test('it outlives its server being killed, stopped and emptied, and exits by itself when all is closed', async () => {
      await using server = await startStandalone();
      const run = start(program, server.url);
      await run.shows('fresh 1');
      await server.kill();
      await run.shows('stale 1');
      await server.restart({ empty: true });
      await run.shows('fresh 1');
      await server.cli('CLIENT', 'KILL', 'TYPE', 'normal');
      await server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await server.freeze();
      await run.shows('stale 1');
      server.thaw();
      await run.shows('fresh 1');
      expect(await run.end()).toEqual({ code: 0, errors: '' });
    });

    test('it exits by itself when all is closed while the server is gone', async () => {
      await using server = await startStandalone();
      const run = start(program, server.url);
      await run.shows('fresh 1');
      await server.kill();
      await run.shows('stale 1');
      expect(await run.end()).toEqual({ code: 0, errors: '' });
    });
  });
}

function start(
  program: string,
  url: string,
): {
  shows(state: string): Promise<void>;
  end(): Promise<{ code: number | null; errors: string }>;
} {
  const child: ChildProcess = spawn(process.execPath, ['--unhandled-rejections=strict', program, url]);
  const exited = once(child, 'exit');
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  return {
    /** Waits until its view shows this. */
    async shows(state) {
      await eventually(() => {
        expect(child.exitCode, errors).toBe(null);
        expect(output.trimEnd().split('\n').at(-1)).toBe(state);
      });
    },
    async end() {
      child.stdin?.end();
      await eventually(() => expect(output).toMatch(/closed\n$/));
      const closed = performance.now();
      const [code] = (await exited) as [number | null];
      expect(performance.now() - closed).toBeLessThan(EXIT_MS);
      return { code, errors };
    },
  };
}
