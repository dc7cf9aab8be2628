import { builtinModules } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import { conformanceEntries, type Package, runtimeEntries } from './packages.ts';
import { reach } from './reach.ts';
import type { References } from './references.ts';

/**
 * A package that has the keyword `edge` promises to run where there is no Node: nothing that its entries load
 * imports a Node module or names a global of Node. One exception: the entry `./factory` may read `globalThis.process?.env`.
 * And whatever the package, no program may load the conformance suite or a test runner through its entries.
 */
export function portabilityProblems(pkg: Package, read?: (file: string) => string): string[] {
  const problems = new Set<string>();
  const edge = isEdge(pkg);
  for (const [subpath, entry] of runtimeEntries(pkg)) {
    for (const [file, references] of reach(entry, read)) {
      const where = `${pkg.manifest.name}: ${shown(pkg, file)}, reached from ${subpath},`;
      if (isOfSuite(pkg, file)) problems.add(`${where} belongs to the conformance suite`);
      for (const specifier of references.imports) {
        if (/^(@?vitest|@vitest|fast-check)(\/|$)/.test(specifier)) problems.add(`${where} imports ${specifier}`);
        if (edge && isNodeModule(specifier)) problems.add(`${where} imports ${specifier}`);
      }
      if (edge) for (const name of strayGlobals(references, subpath)) problems.add(`${where} uses ${name}`);
    }
  }
  return [...problems];
}

export function isEdge({ manifest }: Package): boolean {
  const keywords = manifest.keywords;
  return Array.isArray(keywords) && keywords.includes('edge');
}

function strayGlobals({ globals }: References, subpath: string): string[] {
  return globals.filter((name) => !(name === 'globalThis.process.env' && subpath === './factory'));
}

/** The suite is built apart: of the runtime it may load the public entries, never a chunk of theirs. */
export function sharedChunkProblems(pkg: Package, read?: (file: string) => string): string[] {
  const problems = new Set<string>();
  const entries = new Set(runtimeEntries(pkg).values());
  for (const entry of conformanceEntries(pkg)) {
    for (const [file, { imports }] of reach(entry, read)) {
      if (!isOfSuite(pkg, file)) continue;
      for (const specifier of imports.filter((name) => name.startsWith('.'))) {
        const target = resolve(dirname(file), specifier);
        if (isOfSuite(pkg, target) || entries.has(target)) continue;
        problems.add(`${pkg.manifest.name}: ${shown(pkg, file)} shares ${shown(pkg, target)} with the runtime`);
      }
    }
  }
  return [...problems];
}

function isOfSuite(pkg: Package, file: string): boolean {
  return shown(pkg, file).startsWith('dist/conformance/');
}

function isNodeModule(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function shown({ directory }: Package, file: string): string {
  return relative(directory, file).split(sep).join('/');
}
