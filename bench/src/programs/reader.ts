/** Lists once, and says how many bytes of its heap that has left behind: `reader.ts MODULE SYSTEM ENDPOINT SPACE BACKENDS`, with `--expose-gc`. */
import type { System } from '../systems/system.ts';

const [module = '', name, endpoint = '', space = '', backends] = process.argv.slice(2);
const exported: readonly (System | readonly System[])[] = Object.values(await import(module));
const system = exported.flat().find((each) => each.name === name);
if (system === undefined) throw new Error(`There is no system ${name}`);
const session = await system.open(endpoint, { space, leaseMs: 3_600_000 });
await session.live?.(); // what is compiled and connected once
const inProcess = endpoint === '';
if (!inProcess) await heap();
const before = await heap();
if (inProcess) await session.fill(Number(backends));
else {
  const again = await system.open(endpoint, { space, leaseMs: 3_600_000 });
  await again.list?.();
  setInterval(() => again, 60_000);
}
console.log((await heap()) - before);
process.exit(0);

async function heap(): Promise<number> {
  for (let n = 0; n < 4; n += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}
