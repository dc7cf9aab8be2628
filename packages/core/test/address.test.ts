import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../src/address.ts';

const SCHEMES = ['http', 'https'];

test('an address that needs no parsing is what the URL parser makes of it', () => {
  const label = fc.string({ unit: fc.constantFrom(...'abcxn019-'), minLength: 1, maxLength: 6 });
  const octet = fc.oneof(fc.nat(260).map(String), fc.constantFrom('01', '0x7f', '1e1', '', '256'));
  const host = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
    fc.array(octet, { minLength: 1, maxLength: 5 }).map((octets) => octets.join('.')),
  );
  fc.assert(
    fc.property(host, fc.constantFrom(...SCHEMES), (name, scheme) => {
      const url = `${scheme}://${name}`;
      if (name === '' || !URL.canParse(url)) {
        expect(() => parseAddress({ url, port: 8001 }, SCHEMES)).toThrow(
          expect.objectContaining({ code: 'INVALID_BACKEND' }),
        );
        return;
      }
      const canonical = `${scheme}://${new URL(url).hostname}`;
      expect(parseAddress({ url, port: 8001 }, SCHEMES)).toEqual({
        id: `${canonical}:8001`,
        url: canonical,
        port: 8001,
      });
    }),
    { numRuns: 5_000 },
  );
});

test('schemes without a default port need one, and their hosts are lower-cased as well', () => {
  expect(parseAddress({ url: 'GRPC://Host:50051' }, ['grpc'])).toEqual({
    id: 'grpc://host:50051',
    url: 'grpc://host',
    port: 50_051,
  });
  expect(() => parseAddress({ url: 'grpc://host' }, ['grpc'])).toThrow(/the url must give one/);
});
