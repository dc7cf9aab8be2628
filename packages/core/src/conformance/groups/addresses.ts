/** Canonical addresses, and everything that can stand in one or beside one. */
import type { BackendAddress, BackendRegistration, BackendRegistry } from '../../contract.ts';
import { equal, ok, rejects, within } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { sample } from '../tools.ts';

/** What must come out for each of these, in the order of their canonical form. */
const SPELLINGS: readonly { readonly url: string; readonly port: number; readonly of: readonly BackendAddress[] }[] = [
  {
    url: 'http://api.example.com',
    port: 8001,
    of: [
      { url: 'http://api.example.com', port: 8001 },
      { url: 'http://api.example.com:8001' },
      { url: 'http://api.example.com:8001', port: 8001 },
      { url: 'http://api.example.com:08001' },
      { url: 'HTTP://API.Example.COM:8001/' },
      { url: 'http://api.example.com/', port: 8001 },
      { url: 'http://api.example.com///', port: 8001 },
      { url: 'http://api.ex%61mple.com', port: 8001 },
    ],
  },
  {
    url: 'http://api.example.com',
    port: 80,
    of: [
      { url: 'http://api.example.com' },
      { url: 'http://api.example.com:80' },
      { url: 'http://api.example.com', port: 80 },
      { url: 'http://api.example.com:80/', port: 80 },
    ],
  },
  {
    url: 'https://api.example.com',
    port: 443,
    of: [
      { url: 'https://api.example.com' },
      { url: 'https://api.example.com:443' },
      { url: 'https://api.example.com', port: 443 },
    ],
  },
  // The default port of another scheme is none of this one.
  { url: 'https://api.example.com', port: 80, of: [{ url: 'https://api.example.com:80' }] },
  { url: 'http://api.example.com', port: 443, of: [{ url: 'http://api.example.com:443' }] },
  { url: 'http://api.example.com', port: 1, of: [{ url: 'http://api.example.com:1' }] },
  { url: 'http://api.example.com', port: 65_535, of: [{ url: 'http://api.example.com', port: 65_535 }] },
  {
    url: 'http://[::1]',
    port: 8001,
    of: [
      { url: 'http://[::1]:8001' },
      { url: 'http://[0:0:0:0:0:0:0:1]', port: 8001 },
      { url: 'http://[0000::0001]:8001/' },
      { url: 'http://[::0.0.0.1]:8001' },
    ],
  },
  {
    url: 'http://[2001:db8::a]',
    port: 80,
    of: [{ url: 'http://[2001:DB8::A]' }, { url: 'http://[2001:db8:0:0::a]:80' }],
  },
  {
    url: 'http://[::ffff:a00:7]',
    port: 80,
    of: [{ url: 'http://[::ffff:10.0.0.7]' }, { url: 'http://[::FFFF:0a00:0007]' }],
  },
  {
    url: 'http://127.0.0.1',
    port: 8001,
    of: [
      { url: 'http://127.0.0.1:8001' },
      { url: 'http://127.1:8001' },
      { url: 'http://0x7f.0.0.1:8001' },
      { url: 'http://0177.0.0.1:8001' },
      { url: 'http://2130706433:8001' },
    ],
  },
  {
    url: 'http://xn--bcher-kva.example',
    port: 8001,
    of: [
      { url: 'http://bücher.example:8001' },
      { url: 'http://BÜCHER.example:8001' },
      { url: 'http://bu\u0308cher.example:8001' },
      { url: 'http://xn--bcher-kva.example:8001' },
    ],
  },
  {
    url: 'http://api.example.com/v1/users',
    port: 8001,
    of: [
      { url: 'http://api.example.com:8001/v1/users' },
      { url: 'http://api.example.com/v1/users/', port: 8001 },
      { url: 'http://api.example.com:8001/v1/./x/../users' },
    ],
  },
  // Only scheme and host have no case.
  { url: 'http://api.example.com/V1/users', port: 8001, of: [{ url: 'http://API.example.com:8001/V1/users' }] },
  {
    url: 'http://api.example.com/caf%C3%A9',
    port: 8001,
    of: [{ url: 'http://api.example.com:8001/café' }, { url: 'http://api.example.com:8001/caf%C3%A9' }],
  },
  // WHATWG keeps what is encoded already, as it is encoded.
  { url: 'http://api.example.com/%7euser', port: 80, of: [{ url: 'http://api.example.com/%7euser' }] },
  { url: 'http://api.example.com/~user', port: 80, of: [{ url: 'http://api.example.com/~user' }] },
  { url: 'http://api.example.com/x:9', port: 80, of: [{ url: 'http://api.example.com/x:9' }] },
  { url: 'http://api.example.com/a@b', port: 80, of: [{ url: 'http://api.example.com/a@b' }] },
];

/** Each with the field that its error must name. */
const WRONG: readonly (readonly [address: unknown, field: 'url' | 'port'])[] = [
  // Credentials
  [{ url: 'http://user:password@api.example.com' }, 'url'],
  [{ url: 'http://user@api.example.com' }, 'url'],
  [{ url: 'http://@api.example.com' }, 'url'],
  // Schemes
  [{ url: 'ftp://api.example.com' }, 'url'],
  [{ url: 'redis://api.example.com:6379' }, 'url'],
  [{ url: 'file:///etc/passwd' }, 'url'],
  [{ url: 'javascript:alert(1)' }, 'url'],
  [{ url: 'httpx://api.example.com' }, 'url'],
  [{ url: 'api.example.com:8001' }, 'url'],
  [{ url: 'api.example.com', port: 8001 }, 'url'],
  [{ url: '//api.example.com', port: 8001 }, 'url'],
  [{ url: '/v1', port: 8001 }, 'url'],
  // Hosts
  [{ url: '' }, 'url'],
  [{ url: 'http:' }, 'url'],
  [{ url: 'http://' }, 'url'],
  [{ url: 'http:///v1' }, 'url'],
  [{ url: 'http://:8001' }, 'url'],
  [{ url: 'http:/api.example.com' }, 'url'],
  [{ url: 'http:api.example.com' }, 'url'],
  [{ url: 'http://256.1.1.1' }, 'url'],
  [{ url: 'http://1.2.3.4.5' }, 'url'],
  [{ url: 'http://[::1' }, 'url'],
  [{ url: 'http://[::g]' }, 'url'],
  [{ url: 'http://[1:2:3]' }, 'url'],
  [{ url: 'http://::1:8001' }, 'url'],
  [{ url: 'http://a<b' }, 'url'],
  [{ url: 'http://a^b' }, 'url'],
  [{ url: 'http://a|b' }, 'url'],
  [{ url: 'http://a%00b' }, 'url'],
  [{ url: 'http://a%2fb' }, 'url'],
  [{ url: 'http://a\u00a0b' }, 'url'],
  // Ports
  [{ url: 'http://api.example.com', port: 0 }, 'port'],
  [{ url: 'http://api.example.com', port: -1 }, 'port'],
  [{ url: 'http://api.example.com', port: 65_536 }, 'port'],
  [{ url: 'http://api.example.com', port: 70_000 }, 'port'],
  [{ url: 'http://api.example.com', port: 80.5 }, 'port'],
  [{ url: 'http://api.example.com', port: Number.NaN }, 'port'],
  [{ url: 'http://api.example.com', port: Number.POSITIVE_INFINITY }, 'port'],
  [{ url: 'http://api.example.com', port: '80' }, 'port'],
  [{ url: 'http://api.example.com', port: null }, 'port'],
  [{ url: 'http://api.example.com', port: true }, 'port'],
  [{ url: 'http://api.example.com:0' }, 'url'],
  [{ url: 'http://api.example.com:65536' }, 'url'],
  [{ url: 'http://api.example.com:70000' }, 'url'],
  [{ url: 'http://api.example.com:-1' }, 'url'],
  [{ url: 'http://api.example.com:8o' }, 'url'],
  [{ url: 'http://api.example.com:8001:8002' }, 'url'],
  [{ url: 'http://api.example.com:8001', port: 8002 }, 'port'],
  [{ url: 'http://api.example.com:80', port: 81 }, 'port'],
  [{ url: 'https://api.example.com:443', port: 8443 }, 'port'],
  [{ url: 'http://[::1]:8001', port: 8002 }, 'port'],
  // What stands behind an address
  [{ url: 'http://api.example.com?x=1' }, 'url'],
  [{ url: 'http://api.example.com/?' }, 'url'],
  [{ url: 'http://api.example.com/v1?x=1' }, 'url'],
  [{ url: 'http://api.example.com#x' }, 'url'],
  [{ url: 'http://api.example.com/#' }, 'url'],
  // What a URL parser would drop or rewrite without a word
  [{ url: ' http://api.example.com' }, 'url'],
  [{ url: 'http://api.example.com ' }, 'url'],
  [{ url: 'http://api.example.com\n' }, 'url'],
  [{ url: 'http://api.exam\tple.com' }, 'url'],
  [{ url: 'http://api.exam\r\nple.com' }, 'url'],
  [{ url: 'http://api.example.com/a b' }, 'url'],
  [{ url: 'http://api.example.com/\u0000' }, 'url'],
  [{ url: '\u0001http://api.example.com' }, 'url'],
  [{ url: 'http://api.example.com/\u007f' }, 'url'],
  [{ url: 'http:\\\\api.example.com' }, 'url'],
  [{ url: 'http://api.example.com\\v1' }, 'url'],
  [{ url: 'http://api.example.com/\ud83d' }, 'url'],
  [{ url: 'http://\udc00.example.com' }, 'url'],
  // No text
  [{}, 'url'],
  [{ port: 8001 }, 'url'],
  [{ url: null }, 'url'],
  [{ url: 7 }, 'url'],
  [{ url: ['http://api.example.com'] }, 'url'],
  [{ url: {} }, 'url'],
];

/** Text that a store, a script, a codec or a glob could take for something else. */
const TEXTS: readonly string[] = [
  '123',
  '-0',
  '1e400',
  '12345678901234567890',
  '0.1',
  'true',
  'null',
  'undefined',
  'NaN',
  '{"a":1}',
  '[]',
  '[1,2]',
  '{}',
  '"quoted"',
  "it's",
  '`$\u007bx}`',
  '\\',
  '\\u0041\\n',
  '\u0000',
  'a\u0000b',
  '\u0001\u001f\u007f\u0085',
  'line\nbreak\r\nand\ttab',
  '\u2028\u2029',
  '\ufeffbom',
  ' spaces around ',
  '😀👩‍👩‍👧‍👦🏳️‍🌈',
  'é',
  'e\u0301',
  'ﷺ شكرا עברית',
  '\u202eright to left',
  '\uffff\ufffe\ufffd',
  ':',
  'a:b:c',
  '{}{x}',
  '*',
  '?',
  '[a-z]',
  '%s %1 %% %d',
  '$1 $& $$ $`',
  '","health":false,"x":"',
  '"draining":true,"version":1',
  'in_flight_requests',
  'http://user:password@api.example.com:80/?q#f',
  '</script><!--',
  "'; DROP TABLE backends; --",
  '\r\n$3\r\nfoo\r\n',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '0',
  '10',
  '9',
];

const NUMBERS: readonly number[] = [
  0,
  1,
  0.1 + 0.2,
  1 / 3,
  1e-7,
  1e21,
  1e100,
  123_456_789_012_345.67,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  2 ** 64,
  Number.EPSILON,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
];

const METRICS = ['inFlightRequests', 'rifAvgLatency', 'overallAvgLatency'] as const;

export const addresses = {
  async 'addresses: every spelling of an address is the same backend, in its canonical form'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    for (const { url, port, of } of SPELLINGS) {
      const results = await registry.registerAll(of);
      for (const [at, { status, backend }] of results.entries()) {
        const what = JSON.stringify(of[at]);
        equal([backend.url, backend.port, backend.id], [url, port, `${url}:${port}`], `the canonical form of ${what}`);
        equal(status, at === 0 ? 'registered' : 'renewed', `${what} is the same address as ${JSON.stringify(of[0])}`);
      }
    }
    const ids = SPELLINGS.map(({ url, port }) => `${url}:${port}`).sort();
    equal(
      (await registry.listBackends()).map(({ id }) => id),
      ids,
      'one backend for each address',
    );
  },

  async 'addresses: every method takes any spelling of an address'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    // One address has one backend, so its spellings take turns.
    const inTurn = async ({ url, port, of }: (typeof SPELLINGS)[number]) => {
      for (const spelling of of) {
        await registry.register({ url, port });
        const answers = [
          (await registry.getBackend(spelling))?.id,
          (await registry.heartbeat(spelling)).status,
          (await registry.heartbeatAll([spelling]))[0]?.status,
          (await registry.updateBackendHealth(spelling, false)).status,
          (await registry.updateBackendMetrics(spelling, { inFlightRequests: 1 })).status,
          (await registry.drain(spelling)).status,
          (await registry.unregister(spelling)).status,
        ];
        const expected = [`${url}:${port}`, 'renewed', 'renewed', 'updated', 'updated', 'updated', 'unregistered'];
        const what = JSON.stringify(spelling);
        equal(answers, expected, `getBackend, heartbeat, heartbeatAll, health, metrics, drain, unregister of ${what}`);
      }
    };
    await Promise.all(SPELLINGS.map(inTurn));
    equal(await registry.listBackends(), [], 'each was unregistered');
  },

  async 'addresses: what is no address is INVALID_BACKEND naming the field, and nothing is stored'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    for (const [address, field] of WRONG) {
      const what = `${JSON.stringify(address)} (port ${(address as BackendAddress).port})`;
      const error = await rejects(registry.register(address as BackendAddress), 'INVALID_BACKEND', what);
      ok(new RegExp(`\\b${field}\\b`).test(error.message), `${what}: "${error.message}" must name ${field}`);
    }
    equal(await registry.listBackends(), [], 'nothing is stored');
  },

  async 'addresses: every method refuses what is no address'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register({ url: 'http://api.example.com', port: 80 });
    const before = await registry.getBackend(backend);
    const wrong: BackendAddress[] = [
      { url: 'http://user@api.example.com', port: 80 },
      { url: 'http://api.example.com', port: '80' as never },
      { url: 'http://api.example.com:80', port: 81 },
      { url: ' http://api.example.com', port: 80 },
      { url: 'http://api.example.com/?', port: 80 },
      { url: 'ftp://api.example.com', port: 80 },
    ];
    for (const address of wrong) {
      for (const [name, call] of Object.entries(callsWith(registry, address))) {
        await rejects(call(), 'INVALID_BACKEND', `${name} of ${JSON.stringify(address)}`);
      }
    }
    const after = await registry.getBackend(backend);
    equal({ ...after, expiresInMs: 0 }, { ...before, expiresInMs: 0 }, 'nothing has changed');
  },

  async 'addresses: no message repeats a password or a token that stands in an address'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const secret = 'hunter2';
    const urls = [
      'http://user:hunter2@api.example.com',
      'http://hunter2@api.example.com',
      'http://hunter2:@api.example.com',
      'HTTP://user:hunter2@api.example.com:70000',
      'http://user:hunter2@@api.example.com',
      'http://user:a@hunter2@api.example.com',
      'http://user:hunter2@',
      'redis://:hunter2@api.example.com:6379',
      'user:hunter2@api.example.com',
      '//user:hunter2@api.example.com',
      ' http://user:hunter2@api.example.com',
      'http://user:hunter2@api.example.com\u0000',
      'http:\\\\user:hunter2@api.example.com',
      'http://api.example.com?token=hunter2',
      'http://api.example.com/?token=hunter2',
      'http://api.example.com/#hunter2',
      'ftp://api.example.com/?token=hunter2',
      // Passwords with what should have been encoded, and slashes that a URL parser would forgive.
      'http:/user:hunter2@api.example.com',
      'http:///user:hunter2@api.example.com',
      'http:user:hunter2@api.example.com',
      'http://user:pass/hunter2@api.example.com',
      'http://user:hunter2/word@api.example.com',
      'http://user:hunter2?word@api.example.com',
      'http://user:hunter2#word@api.example.com',
      'http://user:hunter2 word@api.example.com',
    ];
    for (const url of urls) {
      for (const [name, call] of Object.entries(callsWith(registry, { url }))) {
        const { message, cause } = await rejects(call(), 'INVALID_BACKEND', `${name} of ${url}`);
        ok(!message.includes(secret), `${name} of ${url}: "${message}" must not repeat the secret`);
        ok(!String(cause).includes(secret), `${name} of ${url}: its cause "${cause}" must not repeat the secret`);
      }
    }
    equal(await registry.listBackends(), [], 'nothing is stored');
  },

  async 'addresses: any well-formed text comes back as it was written, in metadata, zone and incarnation'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const registrations = TEXTS.map((text, n) => ({
      ...sample(n + 1),
      zone: text,
      incarnation: text,
      metadata: metadataOf([
        [text, 'name'],
        ['text', text],
        [`${text}${text}`, text],
      ]),
    }));
    const results = await registry.registerAll(registrations);
    const expected = registrations.map(described).sort((a, b) => (a.id < b.id ? -1 : 1));
    const readers = { 'the handle that wrote them': registry, 'another handle': await fixture.second() };
    const everywhere = async (when: string) => {
      for (const [reader, handle] of Object.entries(readers)) {
        equal((await handle.listBackends()).map(described), expected, `${when}: what ${reader} lists`);
      }
    };
    equal(
      results.map(({ backend }) => described(backend)),
      registrations.map(described),
      'what registering answers',
    );
    await everywhere('when they were registered');

    // Each write is one more way through a store's own language.
    const beats = await registry.heartbeatAll(registrations);
    ok(
      beats.every(({ status }) => status === 'renewed'),
      'the incarnation is the same text',
    );
    const report = async (backend: (typeof registrations)[number]) => {
      const what = JSON.stringify(backend.zone);
      equal(await registry.updateBackendHealth(backend, false), { status: 'updated' }, `health of ${what}`);
      const load = { inFlightRequests: 3, rifAvgLatency: 0.5 };
      equal(await registry.updateBackendMetrics(backend, load), { status: 'updated' }, `metrics of ${what}`);
      const detail = await registry.getBackend(backend);
      ok(detail !== null, `${what} is registered`);
      equal(described(detail), described(backend), `what getBackend shows of ${what}`);
      equal(
        [detail.status, detail.health, detail.inFlightRequests, detail.rifAvgLatency],
        ['unhealthy', false, 3, 0.5],
        what,
      );
    };
    await Promise.all(registrations.map(report));
    await everywhere('when their health and metrics were reported');
    const again = await registry.registerAll(registrations);
    ok(
      again.every(({ status }) => status === 'renewed'),
      'registering the same texts again changes nothing',
    );
  },

  async 'addresses: the longest url is that of the canonical form, so that what was read can be registered again'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // Each of these letters is six characters there.
    const long = (letters: number) => ({ url: `http://a.example/${'é'.repeat(letters)}`, port: 1 });
    const { backend } = await registry.register(long(300));
    equal(backend.url.length, 'http://a.example/'.length + 1_800, 'the canonical form');
    equal((await registry.register(backend)).status, 'renewed', 'as it was read');
    await rejects(registry.register(long(500)), 'INVALID_BACKEND', 'what would be longer');
    equal((await registry.listBackends()).length, 1, 'nothing was stored of it');
    await registry.unregister(backend);
    equal(await registry.heartbeat(backend), { status: 'unknown' }, 'a heartbeat of what was removed');
  },

  async 'addresses: a very long url is refused at once'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    // What takes longer the longer it is would take minutes with a million slashes.
    for (const url of [
      `http://api.example.com${'/'.repeat(1_000_000)}x`,
      `http://${'a'.repeat(1_000_000)}?\n`,
      `http://a${'/'.repeat(1_000_000)}#\n`,
      `${'a'.repeat(1_000_000)}`,
      `http://${'a.'.repeat(500_000)}-`,
    ])
      await within(2_000, rejects(registry.register({ url, port: 1 }), 'INVALID_BACKEND', 'register'), 'the answer');
    equal(await registry.listBackends(), [], 'nothing is stored');
  },

  async 'addresses: filters take text as it is written'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll(
      TEXTS.map((text, n) => ({ ...sample(n + 1), zone: text, metadata: metadataOf([[text, text]]) })),
    );
    await registry.register(sample(TEXTS.length + 1, { zone: '', metadata: { '': '' } }));
    await registry.register(sample(TEXTS.length + 2));
    const look = async (text: string) => {
      const byZone = await registry.listBackends({ zone: text });
      equal(
        byZone.map(({ zone }) => zone),
        [text],
        `the zone ${JSON.stringify(text)}`,
      );
      const byMetadata = await registry.listBackends({ metadata: metadataOf([[text, text]]) });
      equal(
        byMetadata.map(({ zone }) => zone),
        [text],
        `the metadata ${JSON.stringify(text)}`,
      );
    };
    await Promise.all([...TEXTS, ''].map(look));
  },

  async 'addresses: empty and very long texts come back as they were written'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // 20 bytes of UTF-8, with what has to be escaped: 5,000 of them are 100 kB.
    const long = 'ä€😀"\\\n\u0000/{x}%10'.repeat(5_000);
    const registrations = [
      { ...sample(1), zone: '', metadata: { '': '', empty: '', ' ': ' ' } },
      { ...sample(2), metadata: { long } },
      { ...sample(3), zone: long.slice(0, 10_000), incarnation: long.slice(0, 1_000), metadata: { [long]: 'name' } },
      { ...sample(4), metadata: Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`name ${n}`, `${n}`])) },
    ];
    await registry.registerAll(registrations);
    for (const handle of [registry, await fixture.second()]) {
      const listed = await handle.listBackends();
      equal(
        listed.map(({ zone, metadata }) => ({ zone, metadata })),
        registrations.map(({ zone = null, metadata }: BackendRegistration) => ({ zone, metadata })),
        'what is listed',
      );
      equal((await handle.getBackend(sample(2)))?.metadata, { long }, 'what getBackend shows');
    }
    equal(await registry.updateBackendHealth(sample(2), false), { status: 'updated' }, 'it can be changed');
    equal((await registry.listBackends())[1]?.metadata, { long }, 'and keeps its metadata');
  },

  async 'addresses: numbers come back to the last bit'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    const registrations = NUMBERS.map((number, n) => {
      const metrics = { inFlightRequests: number, rifAvgLatency: number, overallAvgLatency: number };
      return { ...sample(n + 1), weight: number, ...metrics };
    });
    const results = await registry.registerAll(registrations);
    const expected = (n: number) => [n, n, n, n];
    equal(
      results.map(({ backend }) => numbersOf(backend)),
      NUMBERS.map(expected),
      'what registering answers',
    );
    const report = async (number: number, n: number) => {
      const what = `the number ${number}`;
      equal(numbersOf(await other.getBackend(sample(n + 1))), expected(number), `${what}, registered`);
      await registry.updateBackendMetrics(sample(n + 1), {
        inFlightRequests: 5,
        rifAvgLatency: 6,
        overallAvgLatency: 7,
      });
      for (const field of METRICS) await registry.updateBackendMetrics(sample(n + 1), { [field]: number });
      equal(numbersOf(await other.getBackend(sample(n + 1))), expected(number), `${what}, reported`);
    };
    await Promise.all(NUMBERS.map(report));
    const byId = new Map((await other.listBackends()).map((backend) => [backend.id, numbersOf(backend)]));
    equal(
      results.map(({ backend }) => byId.get(backend.id)),
      NUMBERS.map(expected),
      'what another handle lists',
    );
  },

  async 'addresses: a wrong field is INVALID_BACKEND naming the field and the value, and nothing is stored'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample(2, { weight: 2 }));
    const amounts = [Number.NaN, -1, -1e-9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '3', null, true];
    const table: [field: string, value: unknown, shown?: string][] = [
      ...['weight', ...METRICS].flatMap((field) => amounts.map((value): [string, unknown] => [field, value])),
      ['health', 'yes'],
      ['health', 1],
      ['health', null],
      ['zone', 7],
      ['zone', true],
      ['zone', 'a\ud800', 'a\\ud800'],
      ['incarnation', '', '""'],
      ['incarnation', 7],
      ['incarnation', null],
      ['incarnation', '\udc00', '\\udc00'],
      ['metadata', 'role=api'],
      ['metadata', null],
      ['metadata', 7],
      ['metadata', [], ''],
      ['metadata', ['role'], ''],
      ['metadata', { role: 7 }, '7'],
      ['metadata', { role: null }, 'null'],
      ['metadata', { role: undefined }, 'undefined'],
      ['metadata', { role: {} }, 'role'],
      ['metadata', { role: ['api'] }, 'role'],
      ['metadata', { role: '\ud83d' }, '\\ud83d'],
      ['metadata', { 'ro\udfffle': 'api' }, 'ro\\udfffle'],
    ];
    for (const [field, value, shown = String(value)] of table) {
      const what = `${field} ${JSON.stringify(value)} (${String(value)})`;
      for (const n of [1, 2]) {
        const registration = { ...sample(n), [field]: value } as BackendRegistration;
        const { message } = await rejects(registry.register(registration), 'INVALID_BACKEND', what);
        ok(message.includes(field), `${what}: "${message}" must name the field`);
        ok(message.includes(shown), `${what}: "${message}" must have the value`);
      }
    }
    equal(await registry.listBackends(), [backend], 'nothing is stored, nothing has changed');
  },

  async 'addresses: a wrong incarnation is INVALID_BACKEND wherever it is given'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    for (const incarnation of ['', 7, null, '\ud800']) {
      const ref = { ...sample(), incarnation: incarnation as string };
      for (const [name, call] of Object.entries(callsWith(registry, ref))) {
        if (name === 'getBackend') continue; // It reads an address, whoever lives there.
        const what = `${name} with the incarnation ${JSON.stringify(incarnation)}`;
        const { message } = await rejects(call(), 'INVALID_BACKEND', what);
        ok(message.includes('incarnation'), `${what}: "${message}" must name the field`);
      }
    }
    equal(await registry.listBackends(), [backend], 'nothing has changed');
  },

  async 'addresses: a host with a quotation mark is one like all others'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const address = { url: 'http://a"b.example', port: 8001 };
    const { backend } = await registry.register(address);
    equal(await registry.updateBackendHealth(address, false), { status: 'updated' }, 'its health');
    equal(await registry.updateBackendMetrics(address, { inFlightRequests: 3 }), { status: 'updated' }, 'its metrics');
    equal(await registry.drain(address), { status: 'updated' }, 'a drain');
    equal((await registry.register({ ...address, weight: 2 })).status, 'updated', 'another weight');
    const [listed] = await registry.listBackends();
    equal(
      [listed?.id, listed?.status, listed?.inFlightRequests, listed?.weight, listed?.incarnation],
      [backend.id, 'draining', 3, 2, backend.incarnation],
      'all of it is there',
    );
    equal(await registry.unregister(address), { status: 'unregistered' }, 'a removal');
  },
};

/** Every method that takes an address, called with this one. */
function callsWith(registry: BackendRegistry, address: BackendAddress): Record<string, () => Promise<unknown>> {
  return {
    register: () => registry.register(address),
    registerAll: () => registry.registerAll([address]),
    heartbeat: () => registry.heartbeat(address),
    heartbeatAll: () => registry.heartbeatAll([address]),
    updateBackendHealth: () => registry.updateBackendHealth(address, false),
    updateBackendMetrics: () => registry.updateBackendMetrics(address, { inFlightRequests: 1 }),
    drain: () => registry.drain(address),
    unregister: () => registry.unregister(address),
    getBackend: () => registry.getBackend(address),
  };
}

/** An object of its own names, also of those that objects inherit. */
function metadataOf(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(entries);
}

type Described = Pick<BackendRegistration, 'url' | 'port' | 'zone' | 'metadata' | 'incarnation'>;

function described({ url, port, zone, metadata, incarnation }: Described) {
  return { id: `${url}:${port}`, zone, incarnation, metadata: Object.entries(metadata ?? {}).sort() };
}

function numbersOf(backend: BackendRegistration | null): unknown[] {
  return [backend?.weight, ...METRICS.map((field) => backend?.[field])];
}
