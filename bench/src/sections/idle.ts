/** What a registry sends while nothing happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { LASTING, type Library, libraries } from '../clients.ts';
import { markdown, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const FLEET = 1_000;
const WINDOW_MS = 10_000;
/** Every poll comes up to a tenth earlier or later. */
const MOST_POLLS_PER_SECOND = 1 / 0.9;
/** What the bench itself asks. */
const NOT_COUNTED = new Set(['auth', 'info']);

interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly sentPerSecond: number;
  /** Runs of each command a second, those that scripts call included. */
  readonly run: readonly (readonly [string, number])[];
}

export const idle: Section<Row[]> = { measure, text };

async function measure({ wanted }: Asked): Promise<Row[] | undefined> {
  const chosen = libraries.filter(({ name }) => wanted(rowName(name)));
  if (chosen.length === 0) return undefined;
  console.error(`measuring: an idle registry, for ${WINDOW_MS / 1_000} s`);
  return Promise.all(chosen.map(rowOf));
}

function text(rows: readonly Row[]): string {
  return markdown(
    ['idle', 'sent /s', 'run by the server /s, what scripts call included', 'target'],
    rows.map(({ name, seconds, sentPerSecond, run }) => [
      name,
      sentPerSecond.toFixed(2),
      run.map(([command, rate]) => `${command} ${rate.toFixed(1)}`).join(', '),
      // One poll more or less falls into the window.
      target('the poll', sentPerSecond * seconds <= MOST_POLLS_PER_SECOND * seconds + 1),
    ]),
  );
}

function rowName(library: string): string {
  return `${library}: ${FLEET.toLocaleString('en')} backends, one watcher, poll every second`;
}

async function rowOf({ name, open }: Library): Promise<Row> {
  await using server = await startStandalone();
  await using proxy = await startFaultProxy(server);
  await using registry = open(proxy.url, LASTING);
  await registry.registerAll(Array.from({ length: FLEET }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n })));
  const events = registry.watch()[Symbol.asyncIterator]();
  await events.next();
  const waiting = events.next();
  await sleep(1_500); // until it has subscribed, and looked again

  const before = { sent: proxy.requests.messages, run: await commands(server), at: performance.now() };
  await sleep(WINDOW_MS);
  const seconds = (performance.now() - before.at) / 1_000;
  const sent = (proxy.requests.messages - before.sent) / seconds;
  const run = [...(await commands(server))]
    .map(([command, calls]) => [command, (calls - (before.run.get(command) ?? 0)) / seconds] as const)
    .filter(([command, rate]) => rate > 0 && !NOT_COUNTED.has(command));
  await events.return?.();
  await waiting;
  return { name: rowName(name), seconds, sentPerSecond: sent, run };
}

async function commands(server: RedisServer): Promise<Map<string, number>> {
  const info = String(await server.cli('INFO', 'commandstats'));
  return new Map(
    [...info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name = '', calls]) => [name, Number(calls)]),
  );
}
