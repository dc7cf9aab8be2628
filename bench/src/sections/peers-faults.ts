/** What a proxy and its backends go through when the server freezes, loses its data or is restarted: ours and the peers, each with its library's own upkeep. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startAnnouncer } from '../announcers.ts';
import { markdown } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import type { PeerServer } from '../servers/server.ts';
import { systems } from '../systems/index.ts';
import type { Session, System } from '../systems/system.ts';
import { within } from '../within.ts';

const LEASE_MS = 3_000;
const FLEET = [1, 2, 3, 4, 5];
const ASK_EVERY_MS = 100;
/** What a proxy waits for an answer, where the client waits for ever. */
const PATIENCE_MS = 3_000;
const FREEZE_MS = 10_000;
const FREEZE_IN_SHORT_MS = 4_000;
/** Who has not come back so long after the fault is lost. */
const HEAL_MS = 15_000;
/** Of one fault of one system, all in all. */
const LONGEST_MS = 90_000;

interface Outcome {
  /** Looks of the proxy that failed with an error. */
  readonly errors: number;
  /** … that had no answer within the proxy's patience. */
  readonly hung: number;
  /** … that were answered with a list that had nobody, or not everybody, though all backends ran. */
  readonly empty: number;
  readonly partial: number;
  /** From the end of the fault until all are listed again; nothing where they never were. */
  readonly healedMs?: number;
  /** Not listed at the end. */
  readonly lost: number;
  /** Faults that the backends' clients threw where nobody could catch them. */
  readonly thrown: number;
}

interface Row {
  readonly name: string;
  readonly cannot?: string;
  readonly outcomes: Readonly<Record<string, Outcome | { readonly failed: string }>>;
}

interface Faults {
  readonly freezeMs: number;
  readonly rows: readonly Row[];
}

type Fault = (server: PeerServer, freezeMs: number) => Promise<unknown>;

const faults: Readonly<Record<string, Fault>> = {
  freeze: async (server, freezeMs) => {
    server.freeze();
    await sleep(freezeMs);
    server.thaw();
  },
  loss: (server) => server.empty(),
  restart: (server) => server.restart(),
};

export const peersFaults: Section<Faults> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Faults | undefined> {
  const freezeMs = full ? FREEZE_MS : FREEZE_IN_SHORT_MS;
  const chosen = systems.filter(({ name, kind }) => kind !== 'limit' && name !== 'naive: SCAN and GET' && wanted(name));
  if (chosen.length === 0) return undefined;
  // All at once: they wait more than they work.
  console.error('measuring: a server that freezes, loses its data, restarts');
  const rows = await Promise.all(chosen.map((system) => rowOf(system, freezeMs)));
  return { freezeMs, rows };
}

async function rowOf(system: System, freezeMs: number): Promise<Row> {
  const { name, cannot } = system;
  if (cannot.announce !== undefined) return { name, cannot: cannot.announce, outcomes: {} };
  const outcomes: Record<string, Outcome | { failed: string }> = {};
  for (const [fault, cause] of Object.entries(faults)) {
    try {
      outcomes[fault] = await within(LONGEST_MS, name, outcomeOf(system, cause, freezeMs));
    } catch (error) {
      outcomes[fault] = { failed: `failed: ${String(error).split('\n')[0]}` };
    }
  }
  return { name, outcomes };
}

async function outcomeOf(system: System, cause: Fault, freezeMs: number): Promise<Outcome> {
  await using server = await system.start({ durable: true });
  const options = { space: 'faults', leaseMs: LEASE_MS, durable: true };
  const announcer = await within(30_000, system.name, startAnnouncer(system, server.endpoint, options, FLEET));
  const observer = await system.open(server.endpoint, options);
  await observer.tend?.();
  while ((await look(observer)) !== FLEET.length) await sleep(ASK_EVERY_MS);
  await sleep(1_500); // a heartbeat, at least

  const seen = { errors: 0, hung: 0, empty: 0, partial: 0 };
  /** When the fault was over. */
  let overAt: number | undefined;
  let healedAt: number | undefined;
  let complete = 0;
  const done = cause(server, freezeMs).then(() => {
    overAt = performance.now();
  });
  let last = 0;
  for (;;) {
    const found = await look(observer);
    if (typeof found === 'number') last = found;
    if (found === 'error') seen.errors += 1;
    else if (found === 'hung') seen.hung += 1;
    else if (found === 0) seen.empty += 1;
    else if (found < FLEET.length) seen.partial += 1;
    // Healed is who stays so for a lease and more.
    if (overAt !== undefined && found === FLEET.length) {
      healedAt ??= performance.now();
      complete = performance.now() - healedAt;
    } else healedAt = undefined;
    if (overAt !== undefined && (complete > 1.5 * LEASE_MS || performance.now() - overAt > HEAL_MS)) break;
    await sleep(ASK_EVERY_MS);
  }
  await done;
  const { faults: thrown } = announcer;
  await announcer.close();
  await Promise.race([observer.close().catch(() => undefined), sleep(2_000)]);
  return {
    ...seen,
    lost: FLEET.length - last,
    thrown,
    ...(healedAt === undefined ? {} : { healedMs: healedAt - (overAt ?? healedAt) }),
  };
}

/** How many count as alive, as a proxy would ask. */
async function look(observer: Session): Promise<number | 'error' | 'hung'> {
  const late = sleep(PATIENCE_MS, 'hung' as const);
  const asked = Promise.resolve(observer.live?.()).then(
    (live) => live?.size ?? 0,
    () => 'error' as const,
  );
  return Promise.race([asked, late]);
}

function text({ freezeMs, rows }: Faults): string {
  const titles: Readonly<Record<string, string>> = {
    freeze: `the server stands still for ${freezeMs / 1_000} s (\`SIGSTOP\`)`,
    loss: 'the server loses its data',
    restart: 'the server is killed, and starts again with what it kept',
  };
  const head = [
    'looks that showed nobody',
    '… not everybody',
    '… that failed',
    `… that hung for ${PATIENCE_MS / 1_000} s`,
    'healed after s',
    'lost for ever',
  ];
  return Object.entries(titles)
    .map(([fault, title]) =>
      markdown(
        [title, ...head],
        rows.map(({ name, cannot, outcomes }) => [name, ...cells(outcomes[fault], cannot)]),
      ),
    )
    .join('\n\n');
}

function cells(outcome: Outcome | { readonly failed: string } | undefined, cannot: string | undefined): string[] {
  if (outcome === undefined || 'failed' in outcome) return [outcome?.failed ?? cannot ?? '', '', '', '', '', ''];
  const { empty, partial, errors, hung, healedMs, lost } = outcome;
  const healed = healedMs === undefined ? 'never' : (healedMs / 1_000).toFixed(1);
  return [String(empty), String(partial), String(errors), String(hung), healed, `${lost} of ${FLEET.length}`];
}
