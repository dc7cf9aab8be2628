/** How what is loaded apart gets at a registry in Redis. */
import type { BackendRegistry, RegisterResult } from '../contract.ts';
import { RegistryError } from '../error.ts';
import type { Registration, Settings } from '../input.ts';
import type { Look } from '../watch.ts';
import type { Calls } from './calls.ts';
import type { Keys } from './keys.ts';

/** What adopting and moving need of the registry. */
export interface Inside {
  readonly keys: Keys;
  readonly calls: Calls;
  readonly settings: Settings;
  look(): Promise<Look>;
  /** Registers what is not registered yet; `undefined` for what is. */
  registerAbsent(registrations: readonly Registration[]): Promise<(RegisterResult | undefined)[]>;
}

/** By the name of the method, and not by the class: an adapter may come with another copy of this package. @param doing what is asked for, as errors name it */
export function openInside(registry: BackendRegistry, doing: string): Inside {
  const opening = registry as { openInside?: (doing: string) => Inside };
  if (typeof opening.openInside === 'function') return opening.openInside(doing);
  throw new RegistryError('UNSUPPORTED', `${doing}: only a registry in Redis can do this, and this one is not.`);
}
