import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { pack } from './packed.ts';

const run = promisify(execFile);
const CORE = '@backend-registry/core';
const TSC = join(import.meta.dirname, '../node_modules/.bin/tsc');

export type Manager = 'npm' | 'pnpm';
/** An adapter package, which has the name of its client. */
export type Adapter = 'ioredis' | 'redis';

/** A project outside the repository in which a package manager has installed core and an adapter. */
export interface Installed extends AsyncDisposable {
  /** What `src/factory.ts` prints there. */
  made(): Promise<unknown>;
  /** What `src/live.ts` prints there, with a Redis at this url. */
  live(url: string): Promise<unknown>;
  /** Compiles `src/typed.ts` there, for this adapter, with all types that it is made of. @returns what the compiler says */
  typed(): Promise<string>;
  /** The files that a bundler takes into the same program. What it warns of is thrown. */
  bundled(): Promise<string[]>;
}

/** @param version of the client; by default the one that the adapter is built with */
export async function install(manager: Manager, adapter: Adapter, version?: string): Promise<Installed> {
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
      [adapter]: version ?? devDependencies[adapter],
      // Types of some versions of the client need them.
      '@types/node': '24',
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
  const [program, live, typed] = ['factory.ts', 'live.ts', 'typed.ts'];
  for (const file of [program, live]) await cp(join(import.meta.dirname, file), join(app, file));
  const types = await readFile(join(import.meta.dirname, typed), 'utf8');
  await writeFile(join(app, typed), types.replace("'@backend-registry/redis'", `'@backend-registry/${adapter}'`));
  // In CI, pnpm wants a lockfile.
  const unlocked = manager === 'pnpm' ? ['--no-frozen-lockfile'] : [];
  await run(manager, ['install', '--prefer-offline', ...unlocked], { cwd: app });

  async function printed(...args: readonly string[]): Promise<unknown> {
    const { stdout } = await run(process.execPath, [...args], { cwd: app });
    // Version 5 of node-redis prints why it has reached no Sentinel.
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  }

  return {
    made: () => printed(program),
    live: (url) => printed(live, `@backend-registry/${adapter}`, url),
    async typed() {
      const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--types', 'node'];
      return await run(TSC, [...options, '--target', 'es2022', '--lib', 'es2023', typed], { cwd: app }).then(
        () => '',
        ({ stdout }: { readonly stdout: string }) => stdout,
      );
    },
    async bundled() {
      await using bundle = await rolldown({
        input: join(app, program),
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
