import { RegistryError } from '../error.ts';

/** For a reply that no script of ours gives. */
export function strange(): never {
  throw new RegistryError(
    'CORRUPT_REPLY',
    'Redis answers something that is not this registry. Is a proxy in between, or does another program use its keys?',
  );
}
