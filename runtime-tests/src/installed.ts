import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { pack } from './packed.ts';

const run = promisify(execFile);
const CORE = '@backend-registry/core';

export type Manager = 'npm' | 'pnpm';
/** An adapter package, which has the name of its client. */
export type Adapter = 'ioredis' | 'redis';

/** A project outside the repository in which a package manager has installed core and an adapter. */
export interface Installed extends AsyncDisposable {
  /** What `src/factory.ts` prints there. */
  made(): Promise<unknown>;
  /** The files that a bundler takes into the same program. What it warns of is thrown. */
  bundled(): Promise<string[]>;
}

export async function install(manager: Manager, adapter: Adapter): Promise<Installed> {
  const directory = await mkdtemp(join(tmpdir(), 'backend-registry-installed-'));
  const core = `file:${await pack('core', directory)}`;
  const { devDependencies } = JSON.parse(
    await readFile(join(import.meta.dirname, '../../packages', adapter, 'package.json'), 'utf8'),
  );
  const manifest = {
    private: true,
    type: 'module',
    dependencies: {
      [CORE]: core,
      [`@backend-registry/${adapter}`]: `file:${await pack(adapter, directory)}`,
      [adapter]: devDependencies[adapter],
    },
    // The adapter depends on core, which is not published with this content.
    overrides: { [CORE]: core },
  };
  // With pnpm it is a package of a workspace, as strict as it gets: what another package needs is found only where that one has declared it.
  const app = join(directory, 'app');
  await mkdir(app);
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest));
  const workspace = { packages: ['app'], nodeLinker: 'isolated', hoist: false, overrides: { [CORE]: core } };
  await writeFile(join(directory, 'pnpm-workspace.yaml'), JSON.stringify(workspace));
  const program = join(app, 'factory.ts');
  await cp(join(import.meta.dirname, 'factory.ts'), program);
  // In CI, pnpm wants a lockfile.
  const unlocked = manager === 'pnpm' ? ['--no-frozen-lockfile'] : [];
  await run(manager, ['install', '--prefer-offline', ...unlocked], { cwd: app });

  return {
    async made() {
      const { stdout } = await run(process.execPath, [program], { cwd: app });
      return JSON.parse(stdout);
    },
    async bundled() {
      await using bundle = await rolldown({
        input: program,
        cwd: app,
        platform: 'neutral',
        onLog(_level, { message }) {
          throw new Error(`bundling: ${message}`);
        },
      });
      const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
      return output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
