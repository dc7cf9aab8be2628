import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the checks read of a package.json. */
interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Package {
  /** Its folder, absolute. */
  readonly directory: string;
  /** Its folder relative to the repository, with slashes. */
  readonly path: string;
  readonly manifest: Manifest;
}

export const repository: string = join(import.meta.dirname, '../../..');

/** Every package under packages/, found by looking, never by a list. */
export function publishedPackages(root: string = repository): Package[] {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const directory = join(root, 'packages', name);
      const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
      return { directory, path: `packages/${name}`, manifest };
    });
}

/** Targets of one value of an exports map: a string, or conditions that nest. */
export function exportTargets(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(exportTargets);
  return [];
}

function isConformance(subpath: string): boolean {
  return subpath === './conformance' || subpath.startsWith('./conformance/');
}

/** Built files of the entries that programs run, by subpath: all but the conformance suite. */
export function runtimeEntries(pkg: Package): Map<string, string> {
  return new Map(builtEntries(pkg).filter(([subpath]) => !isConformance(subpath)));
}

export function conformanceEntries(pkg: Package): string[] {
  return builtEntries(pkg)
    .filter(([subpath]) => isConformance(subpath))
    .map(([, file]) => file);
}

function builtEntries({ directory, manifest }: Package): [subpath: string, file: string][] {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, value]) =>
    exportTargets(value)
      .filter((target) => /\.m?js$/.test(target))
      .map((target): [string, string] => [subpath, join(directory, target)]),
  );
}
