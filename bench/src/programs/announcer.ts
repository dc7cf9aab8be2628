/** Keeps backends registered: `announcer.ts MODULE SYSTEM ENDPOINT SPACE LEASE_MS DURABLE N…`. Says when it is ready, and ends with its input. */
import { systemOf } from '../systems/find.ts';

const [module = '', name = '', endpoint = '', space = '', leaseMs, durable, ...numbers] = process.argv.slice(2);
const system = await systemOf(module, name);
// Whatever a client throws into nowhere is a fault to count, and does not end the process.
let faults = 0;
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, () => {
    faults += 1;
    console.log(`fault ${faults}`);
  });
const session = await system.open(endpoint, { space, leaseMs: Number(leaseMs), durable: durable === 'true' });
for (const n of numbers) await session.announce?.(Number(n));
console.log('ready');
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
