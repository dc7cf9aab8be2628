/** Can it be reached at all: address, TLS, password. */
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisPlace, Tls } from '../place.ts';
import { type Check, fail, ok, warn } from './check.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** `undefined`: without TLS. */
  readonly tls: Tls | undefined;
}

/** A certificate that ends sooner is worth a warning. */
const SOON_MS = 5 * 86_400_000;

export function targetsOf(place: RedisPlace): Target[] {
  if (place.kind === 'redis') {
    const { hostname, port, protocol } = new URL(place.url);
    const host = hostname.replace(/^\[|\]$/g, '');
    return [{ host, port: Number(port || 6379), tls: protocol === 'rediss:' ? (place.tls ?? {}) : undefined }];
  }
  return place.nodes.map((node) => ({ ...node, tls: place.login.tls }));
}

/** A connection to each of them, and what TLS has to say. One of several may be down, or take connections and say nothing. */
export async function checkTargets(targets: readonly Target[], timeoutMs: number): Promise<Check[]> {
  const [only, ...others] = targets;
  if (only === undefined || others.length === 0) return only === undefined ? [] : checkTarget(only, timeoutMs);
  const results = await Promise.all(
    targets.map(async (target) => {
      const checks = await checkTarget(target, timeoutMs);
      const speaks =
        checks.some(({ status }) => status === 'fail') || (await greetingOf(target, timeoutMs)) !== undefined;
      return speaks ? checks : [mute(target, timeoutMs)];
    }),
  );
  const reached = results.filter((checks) => checks.every(({ status }) => status !== 'fail')).length;
  return results.flat().map((check) =>
    // The others are enough.
    check.status === 'fail' && reached > 0 ? { ...check, status: 'warn' as const } : check,
  );
}

function mute(target: Target, timeoutMs: number): Check {
  return fail(
    'address',
    `${atOf(target)} takes connections and does not answer within ${timeoutMs} ms.`,
    'It may be frozen, or no Redis at all: look at its log.',
  );
}

/** As it is written in an address. */
export function atOf({ host, port }: Pick<Target, 'host' | 'port'>): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

async function checkTarget({ host, port, tls }: Target, timeoutMs: number): Promise<Check[]> {
  const at = atOf({ host, port });
  const began = performance.now();
  const address = await reach(host, port, timeoutMs);
  if (address !== 'reached') return [addressFailure(at, host, address, timeoutMs)];
  const checks = [ok('address', `${at} takes connections (${(performance.now() - began).toFixed(1)} ms).`)];
  checks.push(
    tls === undefined
      ? ok('tls', `${at} is used without: what is sent, a password too, can be read on the way. With it: rediss://.`)
      : await checkTls(at, { host, port, tls }, timeoutMs),
  );
  return checks;
}

/** `reached`, or the code of why not. */
async function reach(host: string, port: number, timeoutMs: number): Promise<string> {
  try {
    await lookup(host);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'ENOTFOUND';
  }
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: timeoutMs });
    const settle = (outcome: string): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on('connect', () => settle('reached'));
    socket.on('timeout', () => settle('ETIMEDOUT'));
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? 'ECONNREFUSED'));
  });
}

function addressFailure(at: string, host: string, code: string, timeoutMs: number): Check {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(
        'address',
        `The name ${host} is not known (${code}).`,
        'Check its spelling, and the DNS of this machine.',
      );
    case 'ECONNREFUSED':
      return fail(
        'address',
        `Nothing listens at ${at} (${code}).`,
        'Start the server, or check the port and its "bind" setting.',
      );
    case 'ETIMEDOUT':
      return fail(
        'address',
        `${at} did not answer within ${timeoutMs} ms.`,
        'A firewall may drop what is sent to it: check the address, the rules and the network.',
      );
    default:
      return fail('address', `${at} cannot be reached (${code}).`, 'Check the address and the network.');
  }
}

function checkTls(at: string, { host, port, tls }: Target & { readonly tls: Tls }, timeoutMs: number): Promise<Check> {
  return new Promise((resolve) => {
    const socket = connectTls({
      host,
      port,
      timeout: timeoutMs,
      ...(isIP(host) === 0 && { servername: host }),
      ...tls,
      // Looked at below, so that the reason is told.
      rejectUnauthorized: false,
    });
    const settle = (check: Check): void => {
      (socket as Socket).destroy();
      resolve(check);
    };
    /** After the handshake, the end of the connection is a refusal. */
    let refused: (() => void) | undefined;
    socket.on('secureConnect', () => {
      const trusted = socket.authorized;
      const code = String(socket.authorizationError ?? '');
      if (!trusted && tls.rejectUnauthorized !== false) return settle(untrusted(at, host, code));
      const ends = Date.parse(socket.getPeerCertificate().valid_to);
      const until = new Date(ends).toISOString().slice(0, 10);
      if (!trusted)
        return settle(
          warn(
            'tls',
            `The certificate of ${at} is not verified (--insecure): ${code}.`,
            'Trust its authority with --cacert instead.',
          ),
        );
      if (ends - Date.now() < SOON_MS)
        return settle(warn('tls', `The certificate of ${at} ends on ${until}.`, 'Renew it before.'));
      const said = `${socket.getProtocol()}; the certificate of ${at} is trusted, until ${until}.`;
      // A server that asks for a certificate of ours refuses after the handshake.
      socket.once('data', () => settle(ok('tls', said)));
      refused = () => settle(unwelcome(at, tls.cert !== undefined));
      socket.once('close', refused);
      socket.write('PING\r\n');
    });
    socket.on('timeout', () =>
      settle(
        fail(
          'tls',
          `${at} does not speak TLS within ${timeoutMs} ms.`,
          'Is this its TLS port? Without TLS the url begins with redis://.',
        ),
      ),
    );
    socket.on('error', (error: NodeJS.ErrnoException) =>
      settle(
        refused !== undefined || /CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA/.test(error.code ?? '')
          ? unwelcome(at, tls.cert !== undefined)
          : fail(
              'tls',
              `${at} does not speak TLS (${error.code ?? 'closed'}).`,
              'Is this its TLS port? Without TLS the url begins with redis://. If it asks for a certificate, give --cert and --key.',
            ),
      ),
    );
  });
}

/** Whether it answers a TLS handshake, whatever its certificate. */
export function speaksTls({ host, port }: Pick<Target, 'host' | 'port'>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, timeout: timeoutMs, rejectUnauthorized: false });
    const settle = (speaks: boolean): void => {
      socket.destroy();
      resolve(speaks);
    };
    socket.on('secureConnect', () => settle(true));
    socket.on('timeout', () => settle(false));
    socket.on('error', () => settle(false));
  });
}

/** @param shown whether a certificate of ours was shown */
function unwelcome(at: string, shown: boolean): Check {
  return shown
    ? fail(
        'tls',
        `${at} does not take the certificate that it was shown.`,
        'Check --cert and --key: is it of an authority that the server trusts?',
      )
    : fail(
        'tls',
        `${at} ends the connection after the handshake: it asks for a certificate.`,
        'Give one that it trusts: --cert FILE --key FILE.',
      );
}

/** What stands there says to PING, its first line; `undefined` where it says nothing. */
export function greetingOf({ host, port, tls }: Target, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket =
      tls === undefined
        ? connectTcp({ host, port, timeout: timeoutMs })
        : connectTls({ host, port, timeout: timeoutMs, ...tls, rejectUnauthorized: false });
    const settle = (line?: string): void => {
      socket.destroy();
      resolve(line);
    };
    socket.once('data', (data: Buffer) => settle(data.toString('latin1').split('\r\n')[0]));
    socket.on('timeout', () => settle());
    socket.on('error', () => settle());
    socket.on('close', () => settle());
    socket.write('PING\r\n');
  });
}

function untrusted(at: string, host: string, code: string): Check {
  if (code.includes('EXPIRED')) return fail('tls', `The certificate of ${at} has ended.`, 'Renew it on the server.');
  if (code.includes('ALTNAME'))
    return fail(
      'tls',
      `The certificate of ${at} is not for ${host}.`,
      'Use the name that it is for, or have it made for this one too.',
    );
  return fail(
    'tls',
    `The certificate of ${at} is not trusted (${code}).`,
    'Give the certificate of its authority: --cacert FILE, or NODE_EXTRA_CA_CERTS.',
  );
}
