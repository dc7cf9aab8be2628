/** What an adapter gives to the suite, and what a case is. */
import type { BackendRegistry, RegistryOptions } from '../contract.ts';
import type { CaseName } from './cases.ts';

/** How the suite opens an adapter's registry. */
export interface ConformanceHarness {
  /** Of the adapter, as it stands before the names of its tests: `ioredis on a Cluster`. */
  readonly name: string;
  /** Opens a registry on a real store. Called once for each case, with a prefix that no other case has. */
  open(options: ConformanceOpenOptions): Promise<ConformanceFixture>;
  /** Cases that this adapter cannot pass, each with the reason. They run as expected failures: one that passes turns red. */
  readonly knownGaps?: Readonly<Partial<Record<CaseName, string>>>;
}

export interface ConformanceOpenOptions {
  readonly keyPrefix: string;
  readonly heartbeatTimeoutMs: number;
}

/** One registry on a real store, with what the suite may do to both. Disposing closes every handle and removes what was stored. */
export interface ConformanceFixture extends AsyncDisposable {
  readonly registry: BackendRegistry;
  /** Another handle on the same store. Options default to those of the first. */
  second(options?: Omit<RegistryOptions, 'schemes'>): Promise<BackendRegistry>;
  readonly time: ConformanceTime;
  /** What can be done to the store. A fault that is missing leaves out the cases that need it, and the suite says so. */
  readonly faults?: ConformanceFaults;
  /**
   * Writes this text where the store keeps the document of the backend with this id, and nothing else, as another program would. A document is the JSON of the
   * public format, in snake case, as docs/redis-layout.md has it; a store that keeps no such text leaves it out.
   */
  putRaw?(id: string, document: string): Promise<void>;
}

export type ConformanceTime =
  /** The clock of the store can be moved. */
  | { advance(ms: number): void | Promise<void> }
  /**
   * The store has real time, and its answers about time are exact to this many milliseconds: as long as a call takes on a busy machine, at least. Leases of the
   * suite are 25 times as long, and not shorter than 250 ms.
   */
  | { readonly resolutionMs: number };

export interface ConformanceFaults {
  /** Every call fails until the function that this resolves to is called. The data are kept. */
  down?(): Promise<() => Promise<void>>;
  /** The store accepts calls and answers none until the function that this resolves to is called. */
  freeze?(): Promise<() => Promise<void>>;
  /** Cuts every connection of this fixture's handles, once. */
  dropConnection?(): Promise<void>;
  /** The next write is applied, and its reply is lost. */
  loseReply?(): Promise<void>;
  /** The store comes back without any data. */
  restartEmpty?(): Promise<void>;
  /** The store forgets the scripts that it has cached. */
  flushScripts?(): Promise<void>;
}

/** What a case needs beyond the contract. */
export type ConformanceNeed = 'putRaw' | `faults.${keyof ConformanceFaults}`;

/** Passes by resolving. */
export type ConformanceCase = (fixture: ConformanceFixture) => Promise<void>;

/** Whether a fixture offers what a case needs. */
export function offers(fixture: ConformanceFixture, need: ConformanceNeed): boolean {
  if (need === 'putRaw') return fixture.putRaw !== undefined;
  return fixture.faults?.[need.slice('faults.'.length) as keyof ConformanceFaults] !== undefined;
}
