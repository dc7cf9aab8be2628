/** Backends by the texts that callers name them with. */
import { toJson } from '../codec.ts';
import type { BackendAddress } from '../contract.ts';
import { readId, type Settings } from '../input.ts';
import type { Keys } from './keys.ts';

/** When there are so many, all are forgotten, and read again when they are named again. */
const MOST = 20_000;

/**
 * Who beats for a thousand backends names the same thousand again and again. Found by what they are named with, nothing has to be made for them: reading an
 * address, and making texts of it that the client then puts together, is more than half of what a heartbeat of many costs its process.
 */
export class Names {
  readonly #settings: Settings;
  readonly #keys: Keys;
  /** By port, which is mostly the same, and by url. */
  readonly #known = new Map<number | undefined, Map<string, Named>>();
  #count = 0;

  constructor(settings: Settings, keys: Keys) {
    this.#settings = settings;
    this.#keys = keys;
  }

  /** The backend at this address. What is none throws as {@link readId} does. */
  of(address: BackendAddress): Named {
    return this.#known.get(address?.port)?.get(address.url) ?? this.#read(address);
  }

  #read(address: BackendAddress): Named {
    const named = new Named(readId(address, this.#settings), this.#keys);
    if (this.#count === MOST) {
      this.#known.clear();
      this.#count = 0;
    }
    this.#count += 1;
    const { url, port } = address;
    const urls = this.#known.get(port) ?? new Map<string, Named>();
    this.#known.set(port, urls.set(url, named));
    return named;
  }
}

/** A backend as scripts are told of it. */
export class Named {
  readonly id: string;
  /** Its keys. */
  readonly document: string;
  readonly heartbeat: string;
  #incarnation: string | undefined;
  #told = '';

  constructor(id: string, keys: Keys) {
    this.id = id;
    this.document = keys.document(id);
    this.heartbeat = keys.heartbeat(id);
  }

  /** An incarnation as JSON, `''` where none is named. It is mostly the same as before. */
  tell(incarnation: string | undefined): string {
    if (incarnation !== this.#incarnation) {
      this.#told = incarnation === undefined ? '' : toJson(incarnation);
      this.#incarnation = incarnation;
    }
    return this.#told;
  }
}
