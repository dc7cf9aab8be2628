import { accessSync, constants, existsSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from './guard.ts';
import { install } from './install.ts';

const NAMES = ['redis-server', 'valkey-server'];
const USUAL_PLACES = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin', '/snap/bin'];

let found: Promise<string> | undefined;

/**
 * The path of the server's program: `REDIS_SERVER` of the environment, or what the machine has, or what its package
 * manager installs. Any number of processes may ask at once.
 */
export function findServer(): Promise<string> {
  found ??= (async () => process.env.REDIS_SERVER ?? look() ?? (await install(look)))();
  return found;
}

function look(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...USUAL_PLACES];
  for (const name of NAMES) {
    const path = firstProgram(folders, name);
    if (path !== undefined) return path;
  }
  return lookInTools(folders);
}

/**
 * Debian's packages `redis-tools` and `valkey-tools` hold the whole server in the program that checks dump files (it
 * does what its name says, and `redis-server` is a link to it), without the service of the packages `redis-server`.
 */
function lookInTools(folders: readonly string[]): string | undefined {
  if (!existsSync('/etc/debian_version')) return undefined;
  for (const name of NAMES) {
    const path = firstProgram(folders, name.replace('-server', '-check-rdb'));
    if (path === undefined) continue;
    const link = join(temporaryFolder(), name);
    if (!existsSync(link)) symlinkSync(path, link);
    return link;
  }
  return undefined;
}

function firstProgram(folders: readonly string[], name: string): string | undefined {
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
