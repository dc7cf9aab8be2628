/** Backends by the texts that callers name them with. */
import { toJson } from '../codec.ts';
import type { BackendAddress } from '../contract.ts';
import { checkBackend, type KnownIds, readId, type Settings } from '../input.ts';
import type { Keys } from './keys.ts';

/** When there are so many, all are forgotten, and read again when they are named again. */
const MOST = 20_000;

/**
 * Who beats for a thousand backends names the same thousand again and again. Found by what they are named with, nothing has to be made for them: reading an
 * address, and making texts of it that the client then puts together, is a good part of what a heartbeat of many costs its process.
 */
export class Names {
  readonly #settings: Settings;
  readonly #keys: Keys;
  readonly #registered: KnownIds;
  /** By port, which is mostly the same, and by url. Only those that are named as they are written, so that nobody's text is kept, however long. */
  readonly #known = new Map<number | undefined, Map<string, Named>>();
  #count = 0;

  /** @param registered those that need no reading: see {@link readId} */
  constructor(settings: Settings, keys: Keys, registered: KnownIds) {
    this.#settings = settings;
    this.#keys = keys;
    this.#registered = registered;
  }

  /** The backend at this address. What is none throws as {@link readId} does. */
  of(address: BackendAddress): Named {
    checkBackend(address);
    // Read once: a getter may say something else the next time.
    const { url, port } = address;
    return this.#known.get(port)?.get(url) ?? this.#read(url, port);
  }

  #read(url: string, port: number | undefined): Named {
    const id = readId({ url, port } as BackendAddress, this.#settings, this.#registered);
    const named = new Named(copied(id), this.#keys);
    if (id !== `${url}:${port}`) return named;
    if (this.#count === MOST) {
      this.#known.clear();
      this.#count = 0;
    }
    this.#count += 1;
    const urls = this.#known.get(port) ?? new Map<string, Named>();
    this.#known.set(port, urls.set(copied(url), named));
    return named;
  }
}

/** A part of a longer text keeps all of it alive. */
function copied(text: string): string {
  return JSON.parse(toJson(text));
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
      this.#incarnation = incarnation && copied(incarnation);
    }
    return this.#told;
  }
}
