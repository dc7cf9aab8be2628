/** Lists once, and says how many bytes of its heap that has left behind: `reader.ts MODULE SYSTEM ENDPOINT SPACE BACKENDS`, with `--expose-gc`. */
import { systemOf } from '../systems/find.ts';
import type { Session } from '../systems/system.ts';

const [module = '', name = '', endpoint = '', space = '', backends] = process.argv.slice(2);
const { open } = await systemOf(module, name);
const inProcess = endpoint === '';
/** Nothing of them is to be given back before the end. */
const sessions: Session[] = [];
setInterval(() => sessions, 60_000);

await kept(inProcess ? 'some' : space, 1_000); // what is compiled once
const none = await kept('none', 0); // what a client is, and its connection
console.log((await kept(space, Number(backends))) - none);
process.exit(0);

/** Of a client of its own. Where the store is in this process, the client has to fill it. */
async function kept(space: string, backends: number): Promise<number> {
  const before = await heap();
  const session = await open(endpoint, { space, leaseMs: 3_600_000 });
  sessions.push(session);
  if (inProcess || backends === 0 || session.fades) await session.fill(backends);
  await session.list?.();
  return (await heap()) - before;
}

async function heap(): Promise<number> {
  for (let n = 0; n < 4; n += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}
