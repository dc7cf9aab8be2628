/** `pnpm lua`: writes the built scripts. `--check`: fails when they are out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildScripts, toModule } from './build.ts';

const folder = fileURLToPath(new URL('../../../packages/core/src/redis/lua', import.meta.url));
const target = fileURLToPath(new URL('../../../packages/core/src/redis/scripts.ts', import.meta.url));
const built = toModule(buildScripts(folder));

if (!process.argv.includes('--check')) {
  writeFileSync(target, built);
} else if (readFileSync(target, 'utf8') !== built) {
  console.error('packages/core/src/redis/scripts.ts is out of date: run `pnpm lua`');
  process.exitCode = 1;
}
