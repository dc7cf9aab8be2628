// Run after the build: `node tooling/checks/src/main.ts`. Prints what it measured, then every problem; exits 1 if there is one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, repository, runtimeEntries } from './packages.ts';
import { isEdge, portabilityProblems, sharedChunkProblems } from './portability.ts';
import { shapeProblems } from './shape.ts';
import { type Budget, overBudget, wholeProgram } from './size.ts';
import { workflowProblems } from './workflows.ts';

const problems: string[] = [];

const packages = publishedPackages();
for (const pkg of packages) {
  const misshapen = shapeProblems(pkg);
  problems.push(...misshapen);
  if (misshapen.length === 0) problems.push(...portabilityProblems(pkg), ...sharedChunkProblems(pkg));
}
console.log(`shape and portability: ${packages.map(({ manifest }) => manifest.name).join(', ')}`);

if (problems.length === 0) problems.push(...(await coreProblems()));
problems.push(...workflowProblems(automation()));

for (const problem of problems) console.error(`✗ ${problem}`);
console.log(problems.length === 0 ? 'checks: all hold' : `checks: ${problems.length} broken`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function coreProblems(): Promise<string[]> {
  const core = packages.find(({ manifest }) => manifest.name === '@backend-registry/core');
  if (core === undefined) return ['packages/core is missing'];
  const entries = runtimeEntries(core);
  const main = entries.get('.');
  const redis = entries.get('./redis');
  if (main === undefined || redis === undefined)
    return ['packages/core: exports["."] or exports["./redis"] is missing'];
  // The Redis implementation has a size of its own; programs without Redis never load it, and only who moves data loads what does that.
  entries.delete('./redis');
  entries.delete('./move');

  const budgets: Budget[] = [
    { title: 'core, everything', source: wholeProgram(entries.values()), most: { gzipped: 12_000 } },
    {
      title: 'core, RegistryError only',
      source: `export { RegistryError } from ${JSON.stringify(main)};`,
      most: { minified: 1_500 },
    },
    {
      // What an adapter for the edge is bundled with, its own driver and client aside: a quarter of it is Lua.
      title: 'core, the registry in Redis',
      source: `export { RedisRegistry } from ${JSON.stringify(redis)};`,
      most: { gzipped: 19_200 },
    },
  ];
  const found = isEdge(core)
    ? []
    : ['packages/core: the keyword "edge" is missing, which switches the portability check on'];
  for (const budget of budgets) {
    const { line, problems: over } = await overBudget(budget, main);
    console.log(`size: ${line}`);
    found.push(...over);
  }
  return found;
}

function automation(): Parameters<typeof workflowProblems>[0] {
  const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
  const folder = '.github/workflows';
  return {
    ciRun: read('.ci/run'),
    workflows: Object.fromEntries(
      readdirSync(join(repository, folder)).map((name) => [name, read(`${folder}/${name}`)]),
    ),
    packageManager: JSON.parse(read('package.json')).packageManager,
  };
}
