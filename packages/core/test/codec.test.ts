import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BackendRow } from '../src/backend.ts';
import { decodeDocument, encodeDocument } from '../src/codec.ts';

const VERSION = 1_700_000_000_000_001;
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
  registeredAt: 1_700_000_000_000.5,
  incarnation: 'one',
  weight: 1,
  zone: null,
  metadata: { team: 'a' },
};

test('the document has the names of the public format, what changes often first and what users write last', () => {
  expect(encodeDocument(row, VERSION)).toBe(
    '{"url":"http://api.example.com","port":8001,"health":true,"in_flight_requests":10,"rif_avg_latency":150.5,"overall_avg_latency":145.2,' +
      '"draining":false,"metrics_updated_at_ms":null,"version":1700000000000001,"registered_at_ms":1700000000000.5,"incarnation":"one",' +
      '"weight":1,"zone":null,"metadata":{"team":"a"}}',
  );
});

test('a document is ASCII, whatever text it has', () => {
  const text = encodeDocument({ ...row, zone: 'Zürich', metadata: { 名前: '😀 \u007f\u2028' } }, VERSION);
  expect(text).toContain('"zone":"Z\\u00fcrich"');
  expect(text).toMatch(/^[ -~]*$/);
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
    registeredAt: amount,
    incarnation: text.filter((name) => name !== ''),
    weight: amount,
    zone: fc.option(text),
    metadata: fc.dictionary(text, text, { noNullPrototype: true }),
  });
  fc.assert(
    fc.property(anyRow, fc.maxSafeNat(), (written, version) => {
      expect(decodeDocument(written.id, encodeDocument(written, version))).toEqual({
        status: 'readable',
        row: written,
        version,
      });
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
  [encodeDocument({ ...row, port: 1 }, VERSION), 'its address is not that of its key'],
  [encodeDocument({ ...row, incarnation: '' }, VERSION), 'its "incarnation" is empty'],
  [encodeDocument(row, VERSION).replace('"health":true', '"health":"true"'), 'its "health" is string, not boolean'],
  [encodeDocument(row, VERSION).replace('"weight":1', '"weight":-1'), 'its "weight" is -1, not a number from 0 up'],
  [
    encodeDocument(row, VERSION).replace('"weight":1', '"weight":1e999'),
    'its "weight" is Infinity, not a number from 0 up',
  ],
  [encodeDocument(row, VERSION).replace('"weight":1', '"weight":null'), 'its "weight" is null, not number'],
  [encodeDocument(row, VERSION).replace('"team":"a"', '"team":1'), 'its "metadata" is not an object of texts'],
  [encodeDocument(row, VERSION).replace('{"team":"a"}', '[]'), 'its "metadata" is not an object of texts'],
])('%s is corrupt: %s', (text, reason) => {
  expect(decodeDocument(row.id, text)).toEqual({ status: 'corrupt', reason });
});
