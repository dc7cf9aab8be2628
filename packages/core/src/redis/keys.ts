/** The names of the registry's keys. The first two are a public format. */
export class Keys {
  readonly leases: string;
  readonly incarnations: string;
  readonly versions: string;
  readonly removed: string;
  readonly meta: string;
  /** What was copied here from another store, for a day. */
  readonly copies: string;
  readonly channel: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.leases = `${prefix}registry:leases`;
    this.incarnations = `${prefix}registry:incarnations`;
    this.versions = `${prefix}registry:versions`;
    this.removed = `${prefix}registry:removed`;
    this.meta = `${prefix}registry:meta`;
    this.copies = `${prefix}registry:copies`;
    this.channel = `${prefix}registry:changes`;
  }

  document(id: string): string {
    return `${this.#prefix}backend:${id}`;
  }

  heartbeat(id: string): string {
    return `${this.#prefix}heartbeat:${id}`;
  }
}

/** Text that stands for itself in a pattern of SCAN. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&');
}
