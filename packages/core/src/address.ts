import type { BackendAddress } from './contract.ts';
import { invalid } from './error.ts';

/** A canonical address. */
export interface Address {
  /** `{url}:{port}`: unique, and the port is what stands behind the last colon. */
  readonly id: string;
  readonly url: string;
  readonly port: number;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 };
/**
 * Urls that the WHATWG parser would leave as they are, which most are: lower-case names whose last label is no number, and dotted IPv4
 * addresses. They need no parsing.
 */
const CANONICAL =
  /^(https?):\/\/(?:(?:[a-z0-9][a-z0-9-]*\.)*[a-z][a-z0-9-]*|(?:(?:25[0-5]|(?:2[0-4]|1\d|[1-9])?\d)(?:\.(?!$)|$)){4})$/;
/** What servers and proxies take. */
const LONGEST_URL = 2_048;
// It matches whatever follows the scheme: what fails at its end would be tried again and again from each place before.
const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(.*)$/is;
const EXPLICIT_PORT = /:(\d*)$/;
// The URL parser would drop or rewrite these without a word, and another parser might read another host.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const REWRITTEN = /[\u0000-\u0020\u007f\\]/;

/**
 * The canonical form of an address, or `INVALID_BACKEND`.
 *
 * @param schemes in lower case, without the colon; all of them where there is no list
 */
export function parseAddress({ url, port }: BackendAddress, schemes: readonly string[] | undefined): Address {
  if (typeof url !== 'string') throw invalid('url', url, 'give it as text, like "http://10.0.0.7:8001"');
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw invalid('port', port, 'it must be a whole number from 1 to 65535');
  }
  const scheme = port === undefined || url.includes('xn--') ? undefined : CANONICAL.exec(url)?.[1];
  const isCanonical = scheme !== undefined && schemes?.includes(scheme) !== false;
  const address = isCanonical ? { id: `${url}:${port}`, url, port: port as number } : parse(url, port, schemes);
  // Of the canonical form, which can be longer.
  if (address.url.length > LONGEST_URL) throw invalid('url', url, `it must be at most ${LONGEST_URL} characters`);
  return address;
}

function parse(raw: string, given: number | undefined, schemes: readonly string[] | undefined): Address {
  const [, scheme = '', authority = '', , rest = ''] = SHAPE.exec(raw) ?? [];
  const wrong = (what: string) => invalid('url', raw, what);

  if (REWRITTEN.test(raw)) throw wrong('it has white space, a control character or a backslash');
  if (!raw.isWellFormed()) throw wrong('it has a lone surrogate');
  if (authority === '') throw wrong('it must have a scheme and a host, like "http://10.0.0.7:8001"');
  const protocol = scheme.toLowerCase();
  if (schemes?.includes(protocol) === false)
    throw wrong(`its scheme must be one of ${schemes.join(', ')} (option "schemes")`);
  if (authority.includes('@')) throw wrong('it has credentials, which all who list it would read');
  if (rest !== '') throw wrong('it has a query or a fragment');

  let parsed: URL;
  try {
    // Not URL.canParse: in Node 20, once it has been called often, it refuses hosts like "bücher".
    parsed = new URL(raw);
  } catch {
    // biome-ignore lint/style/useErrorCause: on some runtimes it repeats the whole text
    throw wrong('it is not a URL');
  }
  // The URL parser forgets an explicit port that is the scheme's default, so the text decides what was said.
  const said = EXPLICIT_PORT.exec(authority)?.[1] ?? '';
  const explicit = said === '' ? undefined : Number(said);
  if (given !== undefined && explicit !== undefined && given !== explicit) {
    throw invalid('port', given, `the url says ${explicit}`);
  }
  const port = given ?? explicit ?? DEFAULT_PORTS[protocol];
  // No scheme but those above has a default.
  if (!port) throw invalid('port', port, 'it or the url must give one from 1 to 65535');

  const host = parsed.hostname.toLowerCase();
  if (host === '') throw wrong('it has no host');
  const url = `${protocol}://${host}${withoutSlashes(parsed.pathname)}`;
  return { id: `${url}:${port}`, url, port };
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
