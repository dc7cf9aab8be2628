/** What a registry sends while nothing happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { LASTING, type Library, libraries } from './clients.ts';
import { markdown, target } from './report.ts';
import type { Section } from './section.ts';

const FLEET = 1_000;
const WINDOW_MS = 10_000;
/** Every poll comes up to a tenth earlier or later. */
const MOST_POLLS_PER_SECOND = 1 / 0.9;
/** What the bench itself asks. */
const NOT_COUNTED = new Set(['auth', 'info']);

export const idle: Section = async ({ wanted }) => {
  const chosen = libraries.filter(({ name }) => wanted(rowName(name)));
  if (chosen.length === 0) return undefined;
  console.error(`measuring: an idle registry, for ${WINDOW_MS / 1_000} s`);
  const rows = await Promise.all(chosen.map(rowOf));
  return markdown(['idle', 'sent /s', 'run by the server /s, what scripts call included', 'target'], rows);
};

function rowName(library: string): string {
  return `${library}: ${FLEET.toLocaleString('en')} backends, one watcher, poll every second`;
}

async function rowOf({ name, open }: Library): Promise<string[]> {
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
    .filter(([command, rate]) => rate > 0 && !NOT_COUNTED.has(command))
    .map(([command, rate]) => `${command} ${rate.toFixed(1)}`);
  await events.return?.();
  await waiting;
  // One poll more or less falls into the window.
  const reached = sent * seconds <= MOST_POLLS_PER_SECOND * seconds + 1;
  return [rowName(name), sent.toFixed(2), run.join(', '), target('the poll', reached)];
}

async function commands(server: RedisServer): Promise<Map<string, number>> {
  const info = String(await server.cli('INFO', 'commandstats'));
  return new Map(
    [...info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name = '', calls]) => [name, Number(calls)]),
  );
}
