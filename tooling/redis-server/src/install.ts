import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { listen } from './port.ts';
import { until } from './until.ts';

const run = promisify(execFile);

interface Manager {
  readonly program: string;
  /** Its commands, tried in their order; none of them starts a service. */
  readonly commands: readonly (readonly string[])[];
  readonly needsRoot: boolean;
}

// `redis-tools` and not `redis-server`: the server's program without a service on port 6379.
const APT = ['apt-get', 'install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'redis-tools'];

const MANAGERS: readonly Manager[] = [
  { program: 'apt-get', commands: [APT, ['apt-get', 'update'], APT], needsRoot: true },
  {
    program: 'apk',
    commands: [
      ['apk', 'add', 'redis'],
      ['apk', 'add', 'valkey'],
    ],
    needsRoot: true,
  },
  {
    program: 'dnf',
    commands: [
      ['dnf', 'install', '--assumeyes', 'redis'],
      ['dnf', 'install', '--assumeyes', 'valkey'],
    ],
    needsRoot: true,
  },
  { program: 'brew', commands: [['brew', 'install', 'redis']], needsRoot: false },
];

/** Who listens here installs. The system gives the port to one process, and takes it back when that process dies. */
const LOCK_PORT = 10_239;
const TIMEOUT_MS = 300_000;

/** Installs a server with the system's package manager, unless another process did so meanwhile. */
export async function install(look: () => string | undefined): Promise<string> {
  const release = await until('another process to install redis-server', () => listen(LOCK_PORT), {
    timeoutMs: TIMEOUT_MS,
    everyMs: 100,
  });
  try {
    return look() ?? (await installNow(look));
  } finally {
    await release();
  }
}

async function installNow(look: () => string | undefined): Promise<string> {
  const manager = await firstAsync(MANAGERS, ({ program }) => succeeds([program, '--version']));
  if (manager === undefined) {
    throw new Error('No redis-server or valkey-server found: install one, or set REDIS_SERVER to its path.');
  }
  const prefix = await rightsFor(manager);
  let cause: unknown = new Error(`${manager.program} needs root or a sudo that asks for no password`);
  for (const command of prefix === undefined ? [] : manager.commands) {
    try {
      console.error(`No redis-server found: ${command.join(' ')}`);
      await execute([...(prefix ?? []), ...command]);
      const path = look();
      if (path !== undefined) return path;
    } catch (error) {
      cause = error;
    }
  }
  const byHand = [...(manager.needsRoot ? ['sudo'] : []), ...(manager.commands[0] ?? [])].join(' ');
  throw new Error(`No redis-server or valkey-server found, and it could not be installed. Run: ${byHand}`, { cause });
}

/** What to put before a command; `undefined` where this process may not install. */
async function rightsFor({ needsRoot }: Manager): Promise<readonly string[] | undefined> {
  if (!needsRoot || process.getuid?.() === 0) return [];
  return (await succeeds(['sudo', '-n', 'true'])) ? ['sudo', '-n'] : undefined;
}

async function firstAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) {
    if (await test(item)) return item;
  }
  return undefined;
}

function succeeds(command: readonly string[]): Promise<boolean> {
  return execute(command).then(
    () => true,
    () => false,
  );
}

async function execute([program = '', ...args]: readonly string[]): Promise<void> {
  await run(program, args, {
    timeout: TIMEOUT_MS,
    maxBuffer: 2 ** 26,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l', HOMEBREW_NO_AUTO_UPDATE: '1' },
  });
}
