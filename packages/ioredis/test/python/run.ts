/** Runs a program of this folder with the system's Python and its Redis client. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PYTHON = '/usr/bin/python3';
const INSTALL = [
  'apt-get',
  'install',
  '--yes',
  '--no-install-recommends',
  '-o',
  'DPkg::Lock::Timeout=300',
  'python3-redis',
];

/** Installs Debian's `python3-redis` where it is missing and this process may; else fails with the command to run. */
export async function preparePython(): Promise<void> {
  if (await works([PYTHON, '-c', 'import redis'])) return;
  let cause: unknown;
  if (process.getuid?.() === 0) {
    for (const command of [INSTALL, ['apt-get', 'update'], INSTALL]) {
      try {
        await execute(command);
      } catch (error) {
        cause = error;
      }
      if (await works([PYTHON, '-c', 'import redis'])) return;
    }
  }
  throw new Error(`${PYTHON} cannot import redis. Run: sudo ${INSTALL.join(' ')}`, { cause });
}

/** What the program prints. */
export function runPython(program: 'read.py' | 'write.py', ...args: readonly (string | number)[]): Promise<string> {
  return execute([PYTHON, fileURLToPath(new URL(program, import.meta.url)), ...args.map(String)]);
}

async function execute([program = '', ...args]: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  return stdout;
}

function works(command: readonly string[]): Promise<boolean> {
  return execute(command).then(
    () => true,
    () => false,
  );
}
