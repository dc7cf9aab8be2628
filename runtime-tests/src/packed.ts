import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';

const run = promisify(execFile);
const here = import.meta.dirname;

/** A folder outside the repository in which the package is installed from its tarball, as a user has it. */
export interface Packed extends AsyncDisposable {
  readonly directory: string;
  /** The program of `src/{name}.ts` as a module that imports the installed package: for runtimes that resolve by themselves. */
  readonly module: (name: string) => Promise<string>;
  /** The same program in one text with the installed package in it: for runtimes that load no packages. */
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

export async function packCore(): Promise<Packed> {
  const directory = await mkdtemp(join(tmpdir(), 'backend-registry-packed-'));
  const installed = join(directory, 'node_modules/@backend-registry/core');
  const packing = join(directory, 'packing');
  await run('tar', ['-xzf', await pack('core', packing)], { cwd: packing });
  await cp(join(packing, 'package'), installed, { recursive: true });
  await rm(packing, { recursive: true });

  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  const manifest = { private: true, type: 'module', dependencies: { '@backend-registry/core': version } };
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
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
