import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BackendRow } from '../src/backend.ts';
import { decodeDocument, encodeDocument } from '../src/codec.ts';

const row: BackendRow = {
  id: 'http://api.example.com:8001',
  url: 'http://api.example.com',
  port: 8001,
  health: true,
  inFlightRequests: 10,
  rifAvgLatency: 150.5,
  overallAvgLatency: 145.2,
  draining: false,
  metricsUpdatedAt: null,
  version: 1_700_000_000_000_001,
  registeredAt: 1_700_000_000_000.5,
  incarnation: 'one',
  weight: 1,
  zone: null,
  metadata: { team: 'a' },
};

test('the document has the names of the public format, what changes often first and what users write last', () => {
  expect(encodeDocument(row)).toBe(
    '{"url":"http://api.example.com","port":8001,"health":true,"in_flight_requests":10,"rif_avg_latency":150.5,"overall_avg_latency":145.2,' +
      '"draining":false,"metrics_updated_at_ms":null,"version":1700000000000001,"registered_at_ms":1700000000000.5,"incarnation":"one",' +
      '"weight":1,"zone":null,"metadata":{"team":"a"}}',
  );
});

test('every row is read back as it was written, whatever text and numbers it has', () => {
  const text = fc.string({ unit: 'grapheme' });
  const amount = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n));
  const anyRow: fc.Arbitrary<BackendRow> = fc.record({
    id: fc.constant(row.id),
    url: fc.constant(row.url),
    port: fc.constant(row.port),
    health: fc.boolean(),
    inFlightRequests: amount,
    rifAvgLatency: amount,
    overallAvgLatency: amount,
    draining: fc.boolean(),
    metricsUpdatedAt: fc.option(amount),
    version: fc.maxSafeNat(),
    registeredAt: amount,
    incarnation: text.filter((name) => name !== ''),
    weight: amount,
    zone: fc.option(text),
    metadata: fc.dictionary(text, text, { noNullPrototype: true }),
  });
  fc.assert(
    fc.property(anyRow, (written) => {
      expect(decodeDocument(written.id, encodeDocument(written))).toEqual({ status: 'readable', row: written });
    }),
  );
});

test.each([
  ['', 'it is not JSON'],
  ['{"url":', 'it is not JSON'],
  ['null', 'it is not a JSON object'],
  ['[]', 'it is not a JSON object'],
  ['"text"', 'it is not a JSON object'],
  ['{}', 'it has no "url"'],
  [encodeDocument({ ...row, port: 1 }), 'its address is not that of its key'],
  [encodeDocument({ ...row, incarnation: '' }), 'its "incarnation" is empty'],
  [encodeDocument(row).replace('"health":true', '"health":"true"'), 'its "health" is string, not boolean'],
  [encodeDocument(row).replace('"weight":1', '"weight":null'), 'its "weight" is null, not number'],
  [encodeDocument(row).replace('"team":"a"', '"team":1'), 'its "metadata" is not an object of texts'],
  [encodeDocument(row).replace('{"team":"a"}', '[]'), 'its "metadata" is not an object of texts'],
])('%s is corrupt: %s', (text, reason) => {
  expect(decodeDocument(row.id, text)).toEqual({ status: 'corrupt', reason });
});
