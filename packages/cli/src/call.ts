/** What a command is given when it runs. */
import type { RegistryOptions } from '@backend-registry/core';
import type { Exit } from './exit.ts';
import type { Io } from './io.ts';
import type { Place, PlaceOptions } from './place.ts';
import type { StoreRegistry } from './store.ts';

export interface Call {
  readonly io: Io;
  /** Where the registry is, as options and environment say. Throws a `UsageError` where they cannot be meant. */
  place(options: PlaceOptions): Place;
  /** Opens it. It is closed when the command ends. Whatever fails from then on is told with its place. */
  open(place: Place, options?: RegistryOptions): Promise<StoreRegistry>;
}

/** What a command module exports. Arguments as commander gives them: those of the command line, in order, then the options. */
export interface CommandModule<Args extends readonly unknown[]> {
  run(call: Call, ...args: Args): Promise<Exit>;
}
