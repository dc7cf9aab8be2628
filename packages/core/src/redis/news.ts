/** What a script tells of the changes that it has made, over publish and subscribe. */

/** A message: the changes between the version that was told before and this one. */
export interface News {
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
 * Reads a message; `undefined` where it says no more than that something is to be looked at. It has tabs between its parts: the version that was told before,
 * the version, and three for each change: `+{end of the lease}`, id, document; or `=`, id, document; or `-{version}`, id, reason.
 */
export function readNews(message: string): News | undefined {
  const parts = message.split('\t');
  const [before, version] = [readNumber(parts[0]), readNumber(parts[1])];
  if (before === undefined || version === undefined || parts.length % 3 !== 2) return undefined;
  const changes: Change[] = [];
  for (let at = 2; at < parts.length; at += 3) {
    const [what = '', id = '', text = ''] = parts.slice(at, at + 3);
    const number = readNumber(what.slice(1));
    if (what === '=') changes.push({ id, document: text, leaseEnds: undefined });
    else if (number === undefined) return undefined;
    else if (what[0] === '+') changes.push({ id, document: text, leaseEnds: number });
    else if (what[0] === '-') changes.push({ id, reason: text, version: number });
    else return undefined;
  }
  return { before, version, changes };
}

function readNumber(text = ''): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
