/** Why proxies send requests to a backend, or do not: decided from what the store says of it. */
import type { Backend, BackendDetail, CorruptRow } from '@backend-registry/core';
import { showDuration } from './duration.ts';
import { jsonOf, printable } from './text.ts';

/** What the store says of one address. */
export interface Findings {
  /** Canonical. */
  readonly id: string;
  /** By the clock of the store, in ms. */
  readonly now: number;
  /** `undefined`: it is not registered, or cannot be read. */
  readonly backend: BackendDetail | undefined;
  /** As proxies see it. Where this differs, the index is not whole. */
  readonly listed: Backend | undefined;
  /** It stands in the index, and its row cannot be read. */
  readonly corrupt: CorruptRow | undefined;
  /** How it left, where that is still known. */
  readonly removal: { readonly reason: 'unregistered' | 'expired'; readonly at: number } | undefined;
  /** What stands in no index: a document as another program writes it, or something that is none. */
  readonly foreign: 'document' | 'other' | undefined;
  /** The index does not have its incarnation. */
  readonly nameless: boolean;
  /** Prefixes under which a document of this address stands too. */
  readonly elsewhere: readonly string[];
  /** What could not be asked, and why. */
  readonly unknown: readonly string[];
}

export interface Explanation {
  readonly id: string;
  readonly registered: boolean;
  /** Whether a proxy that reads the registry now sends it requests. */
  readonly routable: boolean;
  /** What decides it, the first thing first. */
  readonly because:
    | 'healthy'
    | 'draining'
    | 'unhealthy'
    | 'expired'
    | 'corrupt'
    | 'incomplete'
    | 'unregistered'
    | 'removed'
    | 'foreign'
    | 'unknown';
  readonly verdict: string;
  /** What to type or to do; nothing where all is well. */
  readonly remedy?: string;
  readonly notes: readonly string[];
}

export function explain(findings: Findings): Explanation {
  const { id, backend, corrupt } = findings;
  const common = { id, notes: notesOf(findings) };
  if (corrupt !== undefined)
    return {
      ...common,
      registered: true,
      routable: false,
      because: 'corrupt',
      verdict: `Proxies do not send it requests: its row cannot be read (${printable(corrupt.reason)}), and readers leave it out.`,
      remedy: 'backend-registry cleanup removes the row; a process that announces itself then registers anew.',
    };
  if ((backend === undefined) !== (findings.listed === undefined))
    return {
      ...common,
      registered: true,
      routable: findings.listed?.status === 'healthy',
      because: 'incomplete',
      verdict:
        findings.listed === undefined
          ? 'Proxies do not see it: it stands in a part of the index only.'
          : 'It has no lease: proxies go on with it as it was reported last, and nothing ends that.',
      remedy: `backend-registry unregister ${printable(id)}: a process that runs registers anew. All that are so: backend-registry doctor`,
    };
  if (backend === undefined) return { ...common, ...explainAbsence(findings) };
  return { ...common, registered: true, ...explainStatus(findings, backend) };
}

type Decision = Pick<Explanation, 'routable' | 'because' | 'verdict' | 'remedy'>;

function explainStatus({ id, now }: Findings, backend: BackendDetail): Decision {
  const name = printable(id);
  switch (backend.status) {
    case 'healthy':
      return {
        routable: true,
        because: 'healthy',
        verdict: `Proxies send it requests: its lease lives for ${showDuration(backend.expiresInMs)}, and it was reported healthy.`,
      };
    case 'draining':
      return {
        routable: false,
        because: 'draining',
        verdict: 'Proxies send it nothing new: it was asked to drain. What is in flight is finished.',
        remedy: `To take it back: backend-registry drain ${name} --off`,
      };
    case 'unhealthy':
      return {
        routable: false,
        because: 'unhealthy',
        verdict:
          'Proxies do not send it requests: its lease lives, and whoever reported its health last, itself or a proxy, said that it is down.',
        remedy: `If it is well: backend-registry health ${name} up`,
      };
    case 'expired':
      return {
        routable: false,
        because: 'expired',
        verdict: `Proxies do not send it requests: its lease has ended. Its last heartbeat was ${showDuration(Math.max(0, now - backend.lastHeartbeatAt))} ago. Whatever its health was reported to be counts for nothing.`,
        remedy:
          'Does the process run, and does it reach the store? A heartbeat brings it back; if it is gone: backend-registry cleanup',
      };
  }
}

function explainAbsence({ id, now, removal, foreign }: Findings): Decision & Pick<Explanation, 'registered'> {
  const name = printable(id);
  const absent = { registered: false, routable: false } as const;
  if (foreign === 'other')
    return {
      ...absent,
      because: 'foreign',
      verdict: 'Proxies do not know it: what stands at its key was written by another program, and is no document.',
      remedy: `Find who writes there, or choose another prefix. To register it all the same: backend-registry register ${name}`,
    };
  if (foreign !== undefined)
    return {
      ...absent,
      because: 'foreign',
      verdict: 'Proxies do not know it: its document was written by another program, and stands in no index.',
      remedy: 'To take it in: backend-registry adopt',
    };
  if (removal === undefined)
    return {
      ...absent,
      because: 'unknown',
      verdict: 'Proxies do not know it: it is not registered, and nothing is known of it.',
      remedy: `Is this its address, its registry and its prefix? Its process registers it when it starts; by hand: backend-registry register ${name}`,
    };
  const ago = showDuration(Math.max(0, now - removal.at));
  if (removal.reason === 'unregistered')
    return {
      ...absent,
      because: 'unregistered',
      verdict: `Proxies do not know it: it was unregistered ${ago} ago.`,
      remedy: 'A process that is alive registers again when it starts; late heartbeats do not bring it back.',
    };
  return {
    ...absent,
    because: 'removed',
    verdict: `Proxies do not know it: its lease ended, and a cleanup removed it ${ago} ago.`,
    remedy: 'Does the process run, and does it reach the store? One that announces itself registers again by itself.',
  };
}

/** Whether it can be typed as it is shown. */
function isTyped(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function notesOf({ id, backend, nameless, elsewhere, unknown }: Findings): string[] {
  const notes: string[] = [];
  if (nameless)
    notes.push(
      `Its incarnation is missing in the index: its process registers it anew at its next heartbeat; else backend-registry unregister ${printable(id)}.`,
    );
  if (backend?.weight === 0) notes.push('Its weight is 0: pickers that heed weights leave it out.');
  if (backend?.status === 'draining' && backend.inFlightRequests > 0)
    notes.push(`It has reported ${backend.inFlightRequests} requests in flight.`);
  for (const prefix of elsewhere)
    notes.push(
      prefix === ''
        ? 'A document of this address stands without a prefix too: is that the registry that is meant? Leave --prefix out.'
        : `A document of this address stands under the prefix ${jsonOf(prefix)} too: is that the registry that is meant?${isTyped(prefix) ? ` --prefix ${jsonOf(prefix)}` : ''}`,
    );
  for (const what of unknown) notes.push(`Not known: ${what}.`);
  return notes;
}
