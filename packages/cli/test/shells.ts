/** Shells that a machine need not have. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const INSTALL = ['install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];

/** The path of its program; where there is none, Debian's package is installed first. */
export function shell(name: 'fish' | 'zsh'): string {
  const found = look(name);
  if (found !== undefined) return found;
  try {
    apt([...INSTALL, name]);
  } catch {
    try {
      apt(['update']);
      apt([...INSTALL, name]);
    } catch (cause) {
      throw new Error(`There is no ${name}, and it could not be installed. Run: sudo apt-get install ${name}`, {
        cause,
      });
    }
  }
  return look(name) ?? name;
}

function look(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function apt(args: readonly string[]): void {
  const command = ['apt-get', ...args];
  if (process.getuid?.() !== 0) command.unshift('sudo', '-n');
  const [program = '', ...rest] = command;
  execFileSync(program, rest, { stdio: 'pipe', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
