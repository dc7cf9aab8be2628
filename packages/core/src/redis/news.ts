/** What a script tells of the changes that it has made, over publish and subscribe. */

/** A message: the changes between the version that was told before and this one. */
export interface News {
  /** Of the registry that tells: other databases of the server, and clients with a prefix of their own, share the channel. */
  readonly epoch: string;
  readonly before: number;
  readonly version: number;
  /** Empty where they would have been long: then they are to be looked at. */
  readonly changes: readonly Change[];
}

export type Change = Written | Removed;

/** Registered or updated. */
export interface Written {
  readonly id: string;
  readonly document: string;
  /** When its lease ends, in µs, where that was written too. */
  readonly leaseEnds: number | undefined;
}

export interface Removed {
  readonly id: string;
  readonly reason: string;
  readonly version: number;
}

/**
 * Reads a message. It has tabs between its parts: the epoch, the version that was told before, the version, and three for each change: `+{end of the lease}`,
 * id, document; or `=`, id, document; or `-{version}`, id, reason. Where it is only an epoch, or none at all, something is to be looked at.
 */
export function readNews(message: string): News | { readonly epoch: string } {
  const parts = message.split('\t');
  const [epoch = ''] = parts;
  const [before, version] = [readNumber(parts[1]), readNumber(parts[2])];
  if (before === undefined || version === undefined || parts.length % 3 !== 0) return { epoch };
  const changes: Change[] = [];
  for (let at = 3; at < parts.length; at += 3) {
    const [what = '', id = '', text = ''] = parts.slice(at, at + 3);
    const number = readNumber(what.slice(1));
    if (what === '=') changes.push({ id, document: text, leaseEnds: undefined });
    else if (number === undefined) return { epoch };
    else if (what[0] === '+') changes.push({ id, document: text, leaseEnds: number });
    else if (what[0] === '-') changes.push({ id, reason: text, version: number });
    else return { epoch };
  }
  return { epoch, before, version, changes };
}

function readNumber(text = ''): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
