/** The two registries of a move: where each of them is, by its own options and variables. */
import type { BackendRegistry } from '@backend-registry/core';
import { diagnose } from './diagnosis.ts';
import { epochOf, NO_EPOCH } from './epoch.ts';
import { EXIT } from './exit.ts';
import { StoreError, toFailure, UsageError } from './failure.ts';
import { type Place, type PlaceOptions, readPlace } from './place.ts';

type Side = 'from' | 'to';

/** As commander names them. */
export interface SideOptions extends Pick<PlaceOptions, 'cacert' | 'cert' | 'key' | 'insecure' | 'timeout'> {
  readonly from?: string;
  readonly to?: string;
  readonly fromPrefix?: string;
  readonly toPrefix?: string;
  readonly fromCluster?: boolean;
  readonly toCluster?: boolean;
  readonly fromSentinel?: string;
  readonly toSentinel?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const URLS = ['REDIS_URL', 'UPSTASH_REDIS_REST_URL'] as const;
const TOKEN = 'UPSTASH_REDIS_REST_TOKEN';

export function readSides(options: SideOptions, env: Variables): { from: Place; to: Place } {
  const secure = (['from', 'to'] as const).some((side) => isSecure(addressOf(side, options, env)));
  if (!secure && (options.cacert ?? options.cert ?? options.key ?? options.insecure) !== undefined)
    throw new UsageError('--cacert, --cert, --key and --insecure are for TLS: begin a url with rediss://.');
  const from = readSide('from', options, env);
  const to = readSide('to', options, env);
  if (from.kind === to.kind && from.shown === to.shown && prefixOf(from) === prefixOf(to))
    throw new UsageError(
      'These are one registry, and not two: --from and --to, or --from-prefix and --to-prefix, must differ.',
    );
  return { from, to };
}

function readSide(side: Side, options: SideOptions, env: Variables): Place {
  const { timeout, cacert, cert, key, insecure } = options;
  const [registry, prefix] = side === 'from' ? [options.from, options.fromPrefix] : [options.to, options.toPrefix];
  const [cluster, sentinel] =
    side === 'from' ? [options.fromCluster, options.fromSentinel] : [options.toCluster, options.toSentinel];
  const address = addressOf(side, options, env);
  if (address === '')
    throw new UsageError(
      `--${side} is missing: give --${side} redis://…, or https://… for Upstash, or set ${URLS.map((name) => own(side, name)).join(' or ')}.`,
    );
  const given = {
    registry,
    prefix,
    cluster,
    sentinel,
    timeout,
    ...(isSecure(address) && { cacert, cert, key, insecure }),
  };
  const variables = {
    ...Object.fromEntries(URLS.map((name) => [name, env[own(side, name)]])),
    [TOKEN]: env[own(side, TOKEN)] ?? env[TOKEN],
  };
  try {
    return readPlace(
      Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      variables,
      side,
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // It names what one registry is given.
    const message = error.message
      .replace(/--registry\b/g, `--${side}`)
      .replace(/--(prefix|cluster|sentinel)\b/g, `--${side}-$1`)
      .replace(/, or give --token/, '')
      .replace(/\b(UPSTASH_)?REDIS_(REST_)?(URL|TOKEN)\b/g, (name) => own(side, name));
    throw new UsageError(message, { cause: error });
  }
}

/** Where one side is said to be; '' where it is not. */
function addressOf(side: Side, options: SideOptions, env: Variables): string {
  return (options[side] ?? URLS.map((name) => env[own(side, name)]?.trim()).find(Boolean) ?? '').trim();
}

function own(side: Side, name: string): string {
  return `${side.toUpperCase()}_${name}`;
}

function isSecure(address: string): boolean {
  return /^rediss:/i.test(address);
}

function prefixOf({ kind, keyPrefix }: Place): string {
  return keyPrefix ?? (kind === 'cluster' ? '{backend-registry}:' : '');
}

/** For people: without a secret. */
export function showPlace({ shown, keyPrefix }: Place): string {
  return keyPrefix === undefined ? shown : `${shown} (prefix ${keyPrefix})`;
}

/** What a call to one of them fails with says which. */
export async function at<T>(place: Place, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { exit, line } = toFailure(error, showPlace(place));
    if (exit !== EXIT.store) throw error;
    const why = await diagnose(error, place, 'migrate');
    const told = why === undefined ? line : `${showPlace(place)}: ${why}`;
    throw new StoreError(told.replace(/--prefix\b/g, `--${place.side}-prefix`), { cause: error });
  }
}

/** One registry under two names has one history. */
export async function checkApart(
  from: BackendRegistry,
  to: BackendRegistry,
  places: { readonly from: Place; readonly to: Place },
): Promise<void> {
  const epochs = await Promise.all([at(places.from, epochOf(from)), at(places.to, epochOf(to))]);
  if (epochs[0] === epochs[1] && epochs[0] !== NO_EPOCH)
    throw new UsageError(
      `${showPlace(places.from)} and ${showPlace(places.to)} are one registry, and not two: they have the same history.`,
    );
}
