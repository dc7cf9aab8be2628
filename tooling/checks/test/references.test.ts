import { expect, test } from 'vitest';
import { referencesOf } from '../src/references.ts';

const globalsOf = (code: string): string[] => referencesOf(code).globals;

test('static imports, dynamic imports and re-exports are found', () => {
  const code = `import 'node:fs'; import { a } from './a.js'; export * from './b.js'; export { c } from './c.js'; const d = () => import('./d.js'); d(a);`;
  expect(referencesOf(code).imports).toEqual(['node:fs', './a.js', './b.js', './c.js', './d.js']);
});

test('a global of Node is found wherever it is read', () => {
  expect(globalsOf('export const a = process.pid;')).toEqual(['process']);
  expect(globalsOf('export const a = { Buffer };')).toEqual(['Buffer']);
  expect(globalsOf('export const a = (x) => x[process];')).toEqual(['process']);
});

test('globalThis.process is told apart by what is read of it', () => {
  expect(globalsOf('export const a = globalThis.process?.env;')).toEqual(['globalThis.process.env']);
  expect(globalsOf('export const a = globalThis.process.pid;')).toEqual(['globalThis.process.pid']);
  expect(globalsOf('export const a = globalThis["process"];')).toEqual(['globalThis.process']);
});

test('a property, a method, a string or a comment of that name counts for nothing', () => {
  expect(
    globalsOf(
      `/* process.env */ export const a = { process: 'Buffer' }; export class B { process() { return a.process; } }`,
    ),
  ).toEqual([]);
});
