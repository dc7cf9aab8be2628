/** A client that does the work of the rows: `load.ts MODULE SYSTEM`, asked over the channel of its parent, with which it ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Delays } from '../delays.ts';
import { type Answer, type Request, type Run, rows, type Sample, type Seen } from '../load.ts';
import { percentile } from '../measure.ts';
import { processorMs } from '../process-use.ts';
import { systemOf } from '../systems/find.ts';
import type { Session } from '../systems/system.ts';
import { within } from '../within.ts';

const [module = '', name = ''] = process.argv.slice(2);
const system = await systemOf(module, name);
let session: Session | undefined;
let watcher: Session | undefined;
let fleet = 0;
const delays = new Delays();
/** Longer than a change may take: then it was never told. */
const PATIENCE_MS = 30_000;

process.on('message', (request: Request) => {
  answerTo(request).then(tell, (error: unknown) => tell({ failed: String(error).split('\n')[0] ?? '' }));
});
process.once('disconnect', () => process.exit(0));

function tell(answer: Answer): void {
  process.send?.(answer);
}

async function answerTo(request: Request): Promise<Answer> {
  if ('run' in request) return { sample: await measured(request) };
  if ('changes' in request) return { seen: await changed(request.changes) };
  await watcher?.close();
  await session?.close();
  [session, watcher] = [undefined, undefined];
  if ('open' in request) {
    session = await system.open(request.open, request.options);
    fleet = request.fleet;
    await session.fill(fleet);
    if (request.watched) {
      watcher = await system.open(request.open, request.options);
      await watcher.watch?.({ seen: delays.seen, gone: () => undefined });
    }
  }
  return {};
}

/** Each backend changes once: two changes of one could be told as none. */
async function changed(changes: number): Promise<Seen> {
  delays.take();
  for (let n = 0; n < changes; n += 1) {
    delays.begin(n);
    const acknowledged = session?.change === undefined ? session?.update?.(n) : session.change(n);
    await within(PATIENCE_MS, `change ${n}`, Promise.all([delays.allSeen(), acknowledged]));
  }
  const values = delays.take();
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
}

async function measured({ run, windowMs, serverPids }: Run): Promise<Sample> {
  const row = rows.find(({ name }) => name === run);
  if (row === undefined || session === undefined) throw new Error(`${run}: nothing is open`);
  if (session.fades) await session.fill(fleet);
  await sleep(5); // what came before is over
  const before = { server: processorMs(serverPids), client: process.cpuUsage(), at: performance.now() };
  const operations = await row.run(session, () => performance.now() - before.at >= windowMs);
  const passedMs = performance.now() - before.at;
  const { user, system: kernel } = process.cpuUsage(before.client);
  return {
    perSecond: (operations / passedMs) * 1_000,
    operations,
    serverMs: processorMs(serverPids) - before.server,
    clientMs: (user + kernel) / 1_000,
  };
}
