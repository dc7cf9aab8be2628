/** Every operation of the registry, on keys of its own that are removed again. */
import { randomBytes } from 'node:crypto';
import type { BackendRegistry, RegistryEvent, RegistryOptions } from '@backend-registry/core';
import { RegistryError } from '@backend-registry/core';
import { inOptions } from '../failure.ts';
import { layoutOf } from '../layout.ts';
import { type Raw, reasonOf } from '../raw.ts';
import { type Check, fail, ok, warn } from './check.ts';

const NAME = 'operations';
const LEFT = 'What it wrote may be left';
const FIRST = { url: 'http://doctor.invalid', port: 1 };
const SECOND = { url: 'http://doctor.invalid', port: 2 };

/** What went otherwise than the contract says. */
class Surprise extends Error {
  override readonly name = 'Surprise';
}

/**
 * @param prefix of the registry: the keys begin with it, so that they are where its own are
 * @param hasRights what the check of permissions says
 * @param signal ends the check; what it wrote is removed all the same
 */
export async function checkOperations(
  raw: Raw,
  open: (options: RegistryOptions & { readonly keyPrefix: string }) => Promise<BackendRegistry>,
  prefix: string,
  hasRights: boolean,
  signal: AbortSignal,
): Promise<Check[]> {
  const keyPrefix = `${prefix}doctor-${randomBytes(6).toString('hex')}:`;
  const checks: Check[] = [];
  let done: readonly string[] = [];
  try {
    await using registry = await open({ keyPrefix, heartbeatTimeoutMs: 60_000 });
    const ran = await runAll(registry, signal, (names) => {
      done = names;
    });
    checks.push(
      ok(NAME, `All do what they promise, under the prefix "${keyPrefix}": ${ran.done.join(', ')}.`),
      watchCheck(ran.heard, registry),
    );
  } catch (error) {
    checks.push(trouble(error, done, keyPrefix, hasRights));
    // It may not even look there: nothing was written.
    if (done.length === 0) return checks;
  }
  try {
    await erase(raw, keyPrefix);
  } catch (error) {
    // A replica has taken nothing either.
    if (reasonOf(error) === 'READONLY') return checks;
    checks.push(
      warn(
        NAME,
        `${LEFT} under "${keyPrefix}" (${reasonOf(error)}).`,
        `Remove the keys that begin with "${keyPrefix}".`,
      ),
    );
  }
  return checks;
}

/** Whether it is the one that says that something may be left. */
export function isLeftover({ name, message }: Check): boolean {
  return name === NAME && message.startsWith(LEFT);
}

interface Ran {
  readonly done: readonly string[];
  /** Whether a watcher that does not poll was told of a change. */
  readonly heard: boolean;
}

async function runAll(
  registry: BackendRegistry,
  signal: AbortSignal,
  tell: (done: readonly string[]) => void,
): Promise<Ran> {
  const done: string[] = [];
  const step = async <T extends { readonly status: string }>(
    name: string,
    expected: T['status'],
    act: () => Promise<T>,
  ): Promise<T> => {
    signal.throwIfAborted();
    tell([...done, name]);
    const answer = await act();
    if (answer.status !== expected) throw new Surprise(`${name} answers ${answer.status} instead of ${expected}`);
    if (!done.includes(name)) done.push(name);
    return answer;
  };
  const must = (name: string, holds: boolean, what: string): void => {
    if (!holds) throw new Surprise(`${name}: ${what}`);
    if (!done.includes(name)) done.push(name);
  };

  const events = new Set<RegistryEvent['type']>();
  const ending = new AbortController();
  let snapshot: (() => void) | undefined;
  const began = new Promise<void>((resolve) => {
    snapshot = resolve;
  });
  const following = (async () => {
    // A poll would hide that nothing is told.
    for await (const event of registry.watch({ signal: ending.signal, pollIntervalMs: 3_600_000 })) {
      events.add(event.type);
      snapshot?.();
    }
  })();
  try {
    await Promise.race([began, following]);
    await step('register', 'registered', () => registry.register(FIRST));
    await step('register', 'renewed', () => registry.register(FIRST));
    await step('heartbeat', 'renewed', () => registry.heartbeat(FIRST));
    await step('heartbeat', 'unknown', () => registry.heartbeat(SECOND));
    await step('updateBackendHealth', 'updated', () => registry.updateBackendHealth(FIRST, false));
    await step('updateBackendMetrics', 'updated', () => registry.updateBackendMetrics(FIRST, { inFlightRequests: 3 }));
    await step('drain', 'updated', () => registry.drain(FIRST));
    const detail = await registry.getBackend(FIRST);
    must(
      'getBackend',
      detail?.status === 'draining' && detail.inFlightRequests === 3 && detail.expiresInMs > 0,
      'it shows something else than was written',
    );
    const listed = await registry.listBackends();
    must(
      'listBackends',
      listed.length === 1 && listed[0]?.version === detail?.version,
      'it shows something else than getBackend',
    );
    await registry.register({ ...SECOND, heartbeatTimeoutMs: 1 });
    const removed: string[] = [];
    // The lease is of a millisecond: a call later it has ended.
    for (let round = 0; round < 20 && removed.length === 0; round += 1) {
      signal.throwIfAborted();
      removed.push(...(await registry.cleanupExpiredBackends()).removed.map(({ port }) => String(port)));
    }
    must('cleanupExpiredBackends', removed.join() === '2', 'what has expired is not removed, or something else is');
    await step('unregister', 'unregistered', () => registry.unregister(FIRST));
    await step('unregister', 'unknown', () => registry.unregister(FIRST));
    must('listBackends', (await registry.listBackends()).length === 0, 'what was unregistered is listed');
    return { done, heard: await heard(events) };
  } finally {
    ending.abort();
    await following.catch(() => undefined);
  }
}

/** Told within seconds, also on a busy machine that is still connecting, or not at all. */
async function heard(events: ReadonlySet<RegistryEvent['type']>): Promise<boolean> {
  const until = performance.now() + 3_000;
  while (!events.has('removed') && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
  return events.has('removed');
}

function watchCheck(isHeard: boolean, { capabilities }: BackendRegistry): Check {
  if (isHeard) return ok('watch', 'A watcher is told of changes at once.');
  if (capabilities.watch === 'poll') return ok('watch', 'Watchers of this store poll.');
  return warn(
    'watch',
    'A watcher was told of nothing: watchers see changes at their next poll only.',
    'Allow SUBSCRIBE and PUBLISH on the channel, also to proxies in between.',
  );
}

/** The store says that this user may not do it. */
export function isRightsRefusal(error: unknown): boolean {
  return RegistryError.is(error, 'REFUSED') && /ACL|NOPERM/.test(error.message);
}

function trouble(error: unknown, done: readonly string[], keyPrefix: string, hasRights: boolean): Check {
  const last = done.at(-1) ?? 'listBackends';
  if (error instanceof Surprise)
    return fail(NAME, `${error.message}.`, 'Report it, with the version of the server: a registry must not do that.');
  if (isRightsRefusal(error) && !hasRights)
    return warn(NAME, `Not tried: this user lacks rights (${last}).`, 'See the check of permissions.');
  const own = keyPrefix.replace(/[0-9a-f]+:$/, '*');
  if (isRightsRefusal(error))
    return warn(
      NAME,
      `Not tried: this user may not use keys that begin with "${keyPrefix}" (${last}).`,
      `Allow this user ~${own} &${own}, or trust the check of permissions.`,
    );
  if (RegistryError.is(error)) return fail(NAME, inOptions(error.message), 'See the checks above.');
  return fail(NAME, `${last} was interrupted.`, 'Run it again.');
}

async function erase(raw: Raw, keyPrefix: string): Promise<void> {
  const { leases, incarnations, versions, removed, meta, document, heartbeat } = layoutOf(keyPrefix);
  const ids = [FIRST, SECOND].map(({ url, port }) => `${url}:${port}`);
  await raw.call('DEL', leases, incarnations, versions, removed, meta, ...ids.map(document), ...ids.map(heartbeat));
}
