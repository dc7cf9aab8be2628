/** Shells that a machine need not have. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const INSTALL = ['install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];

/** How long an installation may take. */
export const INSTALLING_MS = 240_000;

/** Where there is none, Debian's package is installed. */
export async function install(name: 'fish' | 'zsh'): Promise<void> {
  if (look(name) !== undefined) return;
  try {
    await apt([...INSTALL, name]);
  } catch {
    try {
      await apt(['update']);
      await apt([...INSTALL, name]);
    } catch (cause) {
      throw new Error(`There is no ${name}, and it could not be installed. Run: sudo apt-get install ${name}`, {
        cause,
      });
    }
  }
}

/** The path of its program. */
export function shell(name: 'fish' | 'zsh'): string {
  return look(name) ?? name;
}

function look(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

async function apt(args: readonly string[]): Promise<void> {
  const command = ['apt-get', ...args];
  if (process.getuid?.() !== 0) command.unshift('sudo', '-n');
  const [program = '', ...rest] = command;
  await promisify(execFile)(program, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
