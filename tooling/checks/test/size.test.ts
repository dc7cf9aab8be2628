import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundledSize, overBudget, wholeProgram } from '../src/size.ts';

const directory = mkdtempSync(join(tmpdir(), 'backend-registry-size-'));
afterAll(() => rmSync(directory, { recursive: true }));

const entry = join(directory, 'index.js');
writeFileSync(join(directory, 'package.json'), '{ "type": "module", "sideEffects": false }');
// 400 numbers that differ, so that neither the minifier nor gzip makes them vanish.
const numbers = Array.from({ length: 400 }, (_, n) => n * 7919);
writeFileSync(entry, `export const small = 1;\nexport const large = [${numbers}];\n`);

test('what is not imported weighs nothing', async () => {
  const small = await bundledSize(`export { small } from ${JSON.stringify(entry)};`, directory);
  const whole = await bundledSize(wholeProgram([entry]), directory);
  expect(small.minified).toBeLessThan(100);
  expect(whole.minified).toBeGreaterThan(2_000);
});

test('a size at its limit is over it', async () => {
  const source = wholeProgram([entry]);
  const { minified } = await bundledSize(source, directory);
  const at = await overBudget({ title: 'it', source, most: { minified } }, entry);
  const above = await overBudget({ title: 'it', source, most: { minified: minified + 1 } }, entry);
  expect(at.problems).toEqual([`it: ${minified} bytes minified, must stay under ${minified}`]);
  expect(above.problems).toEqual([]);
});

test('an import that does not resolve is an error', async () => {
  await expect(bundledSize(`export * from 'not-installed';`, directory)).rejects.toThrow('not-installed');
});
