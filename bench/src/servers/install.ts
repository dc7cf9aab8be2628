/** Where the program of a peer's server comes from: the machine, or Debian. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of one of Debian's packages. */
export interface Packaged {
  /** Name of the package. */
  readonly name: string;
  /** Where the file is in it, from the root of the file system. */
  readonly file: string;
  /**
   * `extract` takes the file out of the package, where installing that would start a service; `install` installs it and all that it needs, where
   * nothing is started by that.
   */
  readonly how: 'extract' | 'install';
  /** A variable of the environment that names another file. */
  readonly variable: string;
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/servers', import.meta.url));

/** The path of the file: what the variable names, or what the machine has, or what Debian's package has. Throws where there is none to be had. */
export function fileOf(wanted: Packaged): string {
  const named = process.env[wanted.variable];
  if (named !== undefined) return named;
  const found = look(wanted);
  if (found !== undefined) return found;
  const take = wanted.how === 'extract' ? extract : install;
  try {
    take(wanted.name);
  } catch {
    try {
      apt(['update']);
      take(wanted.name);
    } catch (cause) {
      const message = `${wanted.name} could not be had from Debian: install it, or set ${wanted.variable} to the path of ${wanted.file}`;
      throw new Error(message, { cause });
    }
  }
  const taken = look(wanted);
  if (taken === undefined) throw new Error(`Debian's package ${wanted.name} has no ${wanted.file}`);
  return taken;
}

function look({ file }: Packaged): string | undefined {
  const program = file.split('/').at(-1) ?? '';
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [file, join(CACHE, file), ...folders.map((folder) => join(folder, program))].find((path) => existsSync(path));
}

function extract(name: string): void {
  mkdirSync(CACHE, { recursive: true });
  apt(['download', name]);
  const archive = readdirSync(CACHE).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  execFileSync('dpkg-deb', ['--extract', archive ?? '', '.'], { cwd: CACHE, stdio: 'pipe' });
}

function install(name: string): void {
  mkdirSync(CACHE, { recursive: true });
  apt(['install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', name]);
}

function apt(args: readonly string[]): void {
  const root = process.getuid?.() === 0 || args[0] === 'download' ? [] : ['sudo', '-n'];
  const [program = '', ...all] = [...root, 'apt-get', ...args];
  console.error(`apt-get ${args.join(' ')}`);
  execFileSync(program, all, { cwd: CACHE, stdio: 'pipe', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
