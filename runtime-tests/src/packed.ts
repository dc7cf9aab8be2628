import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';

const run = promisify(execFile);
const here = import.meta.dirname;

/** A folder outside the repository in which packages are installed from their tarballs, as a user has them. */
export interface Packed extends AsyncDisposable {
  readonly directory: string;
  /** The program of `src/{name}.ts` as a module that imports the installed packages: for runtimes that resolve by themselves. */
  readonly module: (name: string) => Promise<string>;
  /** The same program in one text with the installed packages in it: for runtimes that load no packages. */
  readonly bundle: (name: string, format: 'esm' | 'iife') => Promise<string>;
}

/** @returns the tarball of a package, as it is published */
export async function pack(name: string, destination: string): Promise<string> {
  const folder = join(destination, name);
  await mkdir(folder, { recursive: true });
  await run('pnpm', ['pack', '--pack-destination', folder], { cwd: join(here, '../../packages', name) });
  const [tarball] = await readdir(folder);
  if (tarball === undefined) throw new Error('pnpm pack wrote no tarball');
  return join(folder, tarball);
}

/** @param names of folders under packages/ */
export async function installPacked(...names: string[]): Promise<Packed> {
  const directory = await mkdtemp(join(tmpdir(), 'backend-registry-packed-'));
  const dependencies: Record<string, string> = {};
  for (const folder of names) {
    const packing = join(directory, 'packing');
    await run('tar', ['-xzf', await pack(folder, packing)], { cwd: packing });
    const { name, version } = JSON.parse(await readFile(join(packing, 'package/package.json'), 'utf8'));
    await cp(join(packing, 'package'), join(directory, 'node_modules', name), { recursive: true });
    await rm(packing, { recursive: true });
    dependencies[name] = version;
  }
  await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  // The programs are bundled here, so that their imports can resolve nowhere but to the tarball's content.
  await cp(here, join(directory, 'src'), { recursive: true });

  async function build(name: string, format: 'esm' | 'iife', external: RegExp[]): Promise<string> {
    await using bundle = await rolldown({
      input: join(directory, `src/${name}.ts`),
      cwd: directory,
      platform: 'neutral',
      external,
      transform: { target: 'es2022' },
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ format, codeSplitting: false });
    return output[0].code;
  }

  return {
    directory,
    async module(name) {
      const file = join(directory, `${name}.js`);
      await writeFile(file, await build(name, 'esm', [/^@backend-registry\//]));
      return file;
    },
    bundle: (name, format) => build(name, format, []),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
