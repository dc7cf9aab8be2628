import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** All in PEM. */
export interface Certificates {
  /** The authority that a client has to trust. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** An authority of its own, and a certificate by it for `127.0.0.1` and `localhost`, valid for some days. */
export function makeCertificates(): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = 'Loopback test authority';
  const ca = certify({ subject: issuer, key: authority.publicKey, issuer, by: authority.privateKey }, [
    // basicConstraints, critical: an authority
    extension(0x13, sequence(boolean(true)), true),
    // keyUsage, critical: keyCertSign
    extension(0x0f, der(0x03, Buffer.from([2, 0x04])), true),
  ]);
  const certificate = certify({ subject: 'localhost', key: server.publicKey, issuer, by: authority.privateKey }, [
    // subjectAltName: dNSName and iPAddress
    extension(0x11, sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))),
  ]);
  return { ca, certificate, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface Statement {
  readonly subject: string;
  readonly key: KeyObject;
  readonly issuer: string;
  readonly by: KeyObject;
}

/** A certificate as RFC 5280, section 4.1, has it. */
function certify({ subject, key, issuer, by }: Statement, extensions: readonly Buffer[]): string {
  const ecdsaWithSha256 = sequence(identifier([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
  const statement = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    name(issuer),
    sequence(time(Date.now() - DAY_MS), time(Date.now() + 7 * DAY_MS)),
    name(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', statement, by);
  const whole = sequence(statement, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

function identifier(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

/** A name of one part, its common name. */
function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(identifier([0x55, 0x04, 0x03]), der(0x0c, Buffer.from(commonName)))));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

/** An extension of a certificate; `id` is the last part of 2.5.29.id. */
function extension(id: number, value: Buffer, critical = false): Buffer {
  return sequence(identifier([0x55, 0x1d, id]), ...(critical ? [boolean(true)] : []), der(0x04, value));
}
