import { expect, test } from 'vitest';
import type { Package } from '../src/packages.ts';
import { publishedPackages } from '../src/packages.ts';
import { shapeProblems } from '../src/shape.ts';

function core(changed: Record<string, unknown> = {}): Package {
  const found = publishedPackages().find(({ manifest }) => manifest.name === '@backend-registry/core');
  if (found === undefined) throw new Error('packages/core is missing');
  return { ...found, manifest: { ...found.manifest, ...changed } };
}

test.for([
  ['another license', { license: 'ISC' }, 'license must be "MIT"'],
  ['a dependency of core', { dependencies: { left: '1.0.0' } }, 'core has no dependencies'],
  [
    'an export that was not built',
    { exports: { './gone': './dist/gone.js' } },
    'exports["./gone"] is ./dist/gone.js, which the build did not write',
  ],
  ["a name that is not the folder's", { name: '@backend-registry/other' }, 'name must be'],
  ['another Node', { engines: { node: '>=18' } }, 'engines must be'],
  ['no folder in the repository field', { repository: {} }, 'repository must be'],
] as const)('%s is a problem', ([, changed, problem]) => {
  expect(shapeProblems(core(changed))).toContainEqual(expect.stringContaining(problem));
});
