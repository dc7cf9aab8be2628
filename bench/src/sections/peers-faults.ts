/** What a proxy and its backends go through when the server freezes, loses its data or is restarted: ours, the peers and the limit, each with its library's own upkeep. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startAnnouncer } from '../announcers.ts';
import { failureText, markdown } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import type { PeerServer } from '../servers/server.ts';
import { keepers } from '../systems/index.ts';
import type { System } from '../systems/system.ts';
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

/** They go through what another of the list does. */
const NOT_ASKED = new Set(['naive: SCAN and GET', 'naive: KEYS and GET']);

interface Looked {
  /** Looks of the proxy that failed with an error. */
  readonly errors: number;
  /** … that had no answer within the proxy's patience. */
  readonly hung: number;
  /** … that were answered with a list that had nobody, or not everybody, though all backends ran. */
  readonly empty: number;
  readonly partial: number;
}

interface Outcome extends Looked {
  /** The same of a proxy that lists instead, where it would look at a view. */
  readonly listed?: Looked;
  /** From the end of the fault until the store has all of them again; nothing where it never had. */
  readonly healedMs?: number;
  /** Not in the store at the end. */
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

interface Fault {
  readonly name: string;
  title(freezeMs: number): string;
  /** Has no such thing, where the system's server is no Redis. */
  readonly redisOnly?: boolean;
  cause(server: PeerServer, freezeMs: number): Promise<unknown>;
}

const faults: readonly Fault[] = [
  {
    name: 'freeze',
    title: (freezeMs) => `the server stands still for ${freezeMs / 1_000} s (\`SIGSTOP\`)`,
    async cause(server, freezeMs) {
      server.freeze();
      await sleep(freezeMs);
      server.thaw();
    },
  },
  {
    name: 'loss',
    title: () => 'the server is killed, and starts again with nothing',
    cause: (server) => server.lose(),
  },
  {
    name: 'flush',
    title: () => 'its data are deleted while the server runs (`FLUSHALL`)',
    redisOnly: true,
    cause: (server) => server.empty(),
  },
  {
    name: 'restart',
    title: () => 'the server is killed, and starts again with what it kept',
    cause: (server) => server.restart(),
  },
];

export const peersFaults: Section<Faults> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Faults | undefined> {
  const freezeMs = full ? FREEZE_MS : FREEZE_IN_SHORT_MS;
  const chosen = keepers.filter(({ name }) => !NOT_ASKED.has(name) && wanted(name));
  if (chosen.length === 0) return undefined;
  // All at once: they wait more than they work.
  console.error('measuring: a server that freezes, loses its data, restarts');
  const rows = await Promise.all(chosen.map((system) => rowOf(system, freezeMs)));
  return { freezeMs, rows };
}

async function rowOf(system: System, freezeMs: number): Promise<Row> {
  const { name, cannot, redis } = system;
  if (cannot.announce !== undefined) return { name, cannot: cannot.announce, outcomes: {} };
  const outcomes: Record<string, Outcome | { failed: string }> = {};
  for (const fault of faults) {
    if (fault.redisOnly === true && !redis) {
      outcomes[fault.name] = { failed: 'no such command' };
      continue;
    }
    try {
      outcomes[fault.name] = await within(LONGEST_MS, name, outcomeOf(system, fault, freezeMs));
    } catch (error) {
      outcomes[fault.name] = { failed: failureText(error) };
    }
  }
  return { name, outcomes };
}

async function outcomeOf(system: System, fault: Fault, freezeMs: number): Promise<Outcome> {
  await using server = await system.start({ durable: true });
  const options = { space: 'faults', leaseMs: LEASE_MS, durable: true };
  const announcer = await within(30_000, system.name, startAnnouncer(system, server.endpoint, options, FLEET));
  const observer = await system.open(server.endpoint, options);
  await observer.tend?.();
  const live: Ask = async () => observer.live?.();
  const stored: Ask | undefined = observer.stored === undefined ? undefined : async () => observer.stored?.();
  while ((await look(live)) !== FLEET.length) await sleep(ASK_EVERY_MS);
  await sleep(1_500); // a heartbeat, at least

  const [looks, lists] = [new Looks(), new Looks()];
  const healing = new Healing();
  const done = fault.cause(server, freezeMs).finally(() => healing.begin());
  await Promise.all([
    follow(live, healing, (found) => {
      looks.add(found);
      if (stored === undefined) healing.add(found);
    }),
    stored === undefined
      ? undefined
      : follow(stored, healing, (found) => {
          lists.add(found);
          healing.add(found);
        }),
    done,
  ]);
  const { faults: thrown } = announcer;
  await announcer.close();
  await Promise.race([observer.close().catch(() => undefined), sleep(2_000)]);
  const listed = stored === undefined ? {} : { listed: lists.counted };
  return { ...looks.counted, ...listed, ...healing.end, thrown };
}

type Ask = () => Promise<ReadonlySet<number> | undefined>;

/** How many there are, or why nobody knows. */
type Found = number | 'error' | 'hung';

/** What the proxy sees. */
class Looks {
  readonly counted = { errors: 0, hung: 0, empty: 0, partial: 0 };

  add(found: Found): void {
    if (found === 'error') this.counted.errors += 1;
    else if (found === 'hung') this.counted.hung += 1;
    else if (found === 0) this.counted.empty += 1;
    else if (found < FLEET.length) this.counted.partial += 1;
  }
}

/** When all are back. Healed is who stays so for a lease and more. */
class Healing {
  /** When the fault was over. */
  #overAt = Number.NaN;
  /** Since when all of them are there. */
  #healedAt: number | undefined;
  #last = 0;

  begin(): void {
    this.#overAt = performance.now();
  }

  /** What was found after the fault. */
  add(found: Found): void {
    if (Number.isNaN(this.#overAt)) return;
    if (typeof found === 'number') this.#last = found;
    if (found === FLEET.length) this.#healedAt ??= performance.now();
    else this.#healedAt = undefined;
  }

  get over(): boolean {
    const now = performance.now();
    return now - (this.#healedAt ?? now) > 1.5 * LEASE_MS || now - this.#overAt > HEAL_MS;
  }

  get end(): Pick<Outcome, 'healedMs' | 'lost'> {
    const lost = FLEET.length - this.#last;
    return this.#healedAt === undefined ? { lost } : { lost, healedMs: this.#healedAt - this.#overAt };
  }
}

/** Looks again and again until it is over. */
async function follow(ask: Ask, healing: Healing, hear: (found: Found) => void): Promise<void> {
  while (!healing.over) {
    hear(await look(ask));
    await sleep(ASK_EVERY_MS);
  }
}

async function look(ask: Ask): Promise<Found> {
  const asked = ask().then(
    (found) => found?.size ?? 0,
    () => 'error' as const,
  );
  return Promise.race([asked, sleep(PATIENCE_MS, 'hung' as const)]);
}

function text({ freezeMs, rows }: Faults): string {
  const head = [
    'looks that showed nobody',
    '… not everybody',
    '… that failed',
    `… that hung for ${PATIENCE_MS / 1_000} s`,
    'healed after s',
    'lost for ever',
    'errors that the backends’ client threw and nobody could catch',
  ];
  return faults
    .map(({ name: fault, title }) =>
      markdown(
        [title(freezeMs), ...head],
        rows.flatMap(({ name, cannot, outcomes }) => rowsOf(name, outcomes[fault], cannot)),
      ),
    )
    .join('\n\n');
}

/** Two for ours: a proxy may look at a view, or list. */
function rowsOf(
  name: string,
  outcome: Outcome | { readonly failed: string } | undefined,
  cannot: string | undefined,
): string[][] {
  if (outcome === undefined || 'failed' in outcome || outcome.listed === undefined)
    return [[name, ...cells(outcome, cannot)]];
  return [
    [`${name}, a view`, ...cells(outcome, cannot)],
    [`${name}, a list`, ...cells({ ...outcome, ...outcome.listed }, cannot)],
  ];
}

function cells(outcome: Outcome | { readonly failed: string } | undefined, cannot: string | undefined): string[] {
  if (outcome === undefined || 'failed' in outcome) return [outcome?.failed ?? cannot ?? '', '', '', '', '', '', ''];
  const { empty, partial, errors, hung, healedMs, lost, thrown } = outcome;
  const healed = healedMs === undefined ? 'never' : (healedMs / 1_000).toFixed(1);
  const looks = [empty, partial, errors, hung].map(String);
  return [...looks, healed, `${lost} of ${FLEET.length}`, String(thrown)];
}
