/** The table of errors in `docs/troubleshooting.md` has every code, and the messages that people see. */
import { RegistryError, type RegistryErrorCode } from '@backend-registry/core';
import { describe, expect, test } from 'vitest';
import { ERRORS } from './pages/errors.ts';
import { Page } from './pages/page.ts';
import { Stage } from './pages/stage.ts';

const rows = new Page('troubleshooting.md')
  .tableUnder('Error codes')
  .map(([code = '', message = '']) => ({ code: code.replaceAll('`', ''), message: message.replaceAll('\\', '') }));

test('the table has every code', () => {
  const codes: Record<RegistryErrorCode, true> = {
    INVALID_BACKEND: true,
    CONFIGURATION: true,
    UNAVAILABLE: true,
    TIMEOUT: true,
    REFUSED: true,
    CORRUPT_REPLY: true,
    CLOSED: true,
    ADAPTER_NOT_INSTALLED: true,
    UNSUPPORTED: true,
  };
  expect([...new Set(rows.map(({ code }) => code))].sort()).toEqual(Object.keys(codes).sort());
  expect(rows).toHaveLength(ERRORS.length);
});

describe('each message is the one that is seen:', { concurrent: true }, () => {
  test.for(rows.map((row, n) => ({ ...row, n })))('$code: $message', async ({ code, message, n }, { expect }) => {
    await using stage = new Stage();
    const error = await ERRORS[n]?.(stage).catch((thrown: unknown) => thrown);
    expect(RegistryError.is(error) ? { code: error.code, message: error.message } : error).toEqual({ code, message });
  });
});
