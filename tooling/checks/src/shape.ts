import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportTargets, type Package, repository } from './packages.ts';

const scope = '@backend-registry/';

/** Every published package has the same files and fields, and its exports exist. */
export function shapeProblems(pkg: Package, root: string = repository): string[] {
  const { directory, manifest, path } = pkg;
  const problems: string[] = [];
  const must = (holds: boolean, rule: string): void => {
    if (!holds) problems.push(`${path}: ${rule}`);
  };
  const field = (name: string): unknown => manifest[name];

  must(manifest.name === scope + path.slice('packages/'.length), `name must be ${scope} and the folder's name`);
  must(manifest.private !== true, 'packages/ is for published packages; private ones live in tooling/');
  must(field('type') === 'module', 'type must be "module"');
  must(field('license') === 'MIT', 'license must be "MIT"');
  must(typeof field('description') === 'string' && field('description') !== '', 'description is missing');
  must(Array.isArray(field('keywords')) && String(field('keywords')) !== '', 'keywords are missing');
  must(typeof field('sideEffects') === 'boolean', 'sideEffects must say true or false');
  must(isDeepEqual(field('engines'), { node: '>=20' }), 'engines must be { "node": ">=20" }');
  must(isDeepEqual(field('files'), ['dist']), 'files must be ["dist"]');
  must(
    isDeepEqual(field('publishConfig'), { access: 'public', provenance: true }),
    'publishConfig must be { "access": "public", "provenance": true }',
  );
  must(
    isDeepEqual(field('repository'), { ...repositoryOf(root), directory: path }),
    `repository must be the root's with "directory": "${path}"`,
  );
  if (manifest.name === `${scope}core`) must(isDeepEqual(field('dependencies') ?? {}, {}), 'core has no dependencies');

  must(existsSync(join(directory, 'README.md')), 'README.md is missing');
  must(
    existsSync(join(directory, 'LICENSE')) &&
      readFileSync(join(directory, 'LICENSE'), 'utf8') === readFileSync(join(root, 'LICENSE'), 'utf8'),
    "LICENSE must be the same as the root's",
  );

  const exported = Object.entries(manifest.exports ?? {});
  must(exported.length > 0, 'exports are missing');
  must(manifest.exports?.['./package.json'] === './package.json', 'exports must offer ./package.json');
  for (const [subpath, value] of exported) {
    for (const target of exportTargets(value)) {
      must(existsSync(join(directory, target)), `exports["${subpath}"] is ${target}, which the build did not write`);
      const types = target.replace(/\.js$/, '.d.ts');
      must(existsSync(join(directory, types)), `exports["${subpath}"] has no types beside it (${types})`);
    }
  }
  return problems;
}

function repositoryOf(root: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).repository;
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
