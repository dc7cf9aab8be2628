/** `pnpm lua`: writes the built scripts. `--check`: fails when they are out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildScripts, coreModule, upstashModule } from './build.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const core = buildScripts(`${root}packages/core/src/redis/lua`);
const move = buildScripts(`${root}packages/core/src/redis/move/lua`);
const modules = {
  'packages/core/src/redis/scripts.ts': coreModule(core),
  'packages/core/src/redis/move/scripts.ts': coreModule(move, '../driver.ts'),
  'packages/upstash/src/scripts.ts': upstashModule(core),
};

for (const [path, built] of Object.entries(modules)) {
  if (!process.argv.includes('--check')) {
    writeFileSync(root + path, built);
  } else if (readFileSync(root + path, 'utf8') !== built) {
    console.error(`${path} is out of date: run \`pnpm lua\``);
    process.exitCode = 1;
  }
}
