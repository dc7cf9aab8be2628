import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { call } from '../src/call.ts';
import { processState } from '../src/process-state.ts';
import { until } from '../src/until.ts';

const ABANDON = fileURLToPath(new URL('programs/abandon.ts', import.meta.url));

for (const how of ['killed', 'exited', 'finished']) {
  test(`nothing is left of a process that was not asked to clean up: it ${how === 'killed' ? 'was ' : ''}${how}`, async () => {
    const program = spawn(process.execPath, [ABANDON, how], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(program, 'exit');
    const [line] = (await once(program.stdout, 'data')) as [Buffer];
    const { folder, servers } = JSON.parse(line.toString()) as {
      folder: string;
      servers: { pid: number; port: number }[];
    };
    if (how === 'killed') {
      expect(servers.length).toBe(8);
      for (const { pid } of servers) expect(processState(pid)).toMatch(/[A-Y]/);
      program.kill('SIGKILL');
    }
    await ended;

    for (const { pid, port } of servers) {
      // A zombie is dead; who buries it is not our business.
      await until(`process ${pid} is gone`, () => ['Z', undefined].includes(processState(pid)));
      // Its last threads close what it listened to.
      await expect.poll(() => call({ host: '127.0.0.1', port }, [['PING']]).catch(String)).toContain('ECONNREFUSED');
    }
    // The folder of the process, two above the data of one of its servers.
    await until('the files are gone', () => !existsSync(dirname(dirname(folder))));
  });
}
