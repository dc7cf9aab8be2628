import { expect, test } from 'vitest';
import type { Package } from '../src/packages.ts';
import { portabilityProblems, sharedChunkProblems } from '../src/portability.ts';

const entries = {
  '.': './dist/index.js',
  './factory': './dist/factory.js',
  './conformance': './dist/conformance/index.js',
};
const clean = {
  'index.js': `export * from './chunk.js';`,
  'chunk.js': 'export const a = 1;',
  'factory.js': `export * from './chunk.js'; export const env = globalThis.process?.env;`,
  'conformance/index.js': `import { test } from 'vitest'; import { a } from '../index.js'; import { Buffer } from 'node:buffer'; test(a, Buffer);`,
};

/** A package whose built files are `clean` but for `changed`. */
function built(
  changed: Record<string, string> = {},
  keywords: string[] = ['edge'],
): [Package, (file: string) => string] {
  const files: Record<string, string> = { ...clean, ...changed };
  const pkg = { directory: '/core', path: 'packages/core', manifest: { name: 'core', keywords, exports: entries } };
  return [
    pkg,
    (file) => {
      const text = files[file.replace('/core/dist/', '')];
      if (text === undefined) throw new Error(`no ${file}`);
      return text;
    },
  ];
}

test('a package that keeps the rules has no problems', () => {
  expect(portabilityProblems(...built())).toEqual([]);
  expect(sharedChunkProblems(...built())).toEqual([]);
});

test.for([
  ['a Node module', 'chunk.js', `import 'node:fs';`, 'dist/chunk.js, reached from ., imports node:fs'],
  ['a Node module without its prefix', 'chunk.js', `import('fs');`, 'dist/chunk.js, reached from ., imports fs'],
  ['a global of Node', 'chunk.js', 'export const a = Buffer.from([]);', 'dist/chunk.js, reached from ., uses Buffer'],
  [
    'the environment outside the factory',
    'chunk.js',
    'export const a = globalThis.process?.env;',
    'reached from ., uses globalThis.process.env',
  ],
  ['a test runner', 'factory.js', `import 'vitest';`, 'dist/factory.js, reached from ./factory, imports vitest'],
  [
    'the suite',
    'chunk.js',
    `import './conformance/index.js';`,
    'dist/conformance/index.js, reached from ., belongs to the conformance suite',
  ],
] as const)('%s in a runtime file is a problem', ([, file, code, problem]) => {
  expect(portabilityProblems(...built({ [file]: code }))).toContainEqual(expect.stringContaining(problem));
});

test('a package without the keyword edge may use Node, but not the suite', () => {
  expect(portabilityProblems(...built({ 'chunk.js': `import 'node:fs';` }, []))).toEqual([]);
  expect(portabilityProblems(...built({ 'chunk.js': `import './conformance/index.js';` }, []))).not.toEqual([]);
});

test('a chunk that the suite shares with the runtime is a problem', () => {
  const shared = built({ 'conformance/index.js': `import { a } from '../chunk.js'; a;` });
  expect(sharedChunkProblems(...shared)).toEqual([
    'core: dist/conformance/index.js shares dist/chunk.js with the runtime',
  ]);
});
