// `npx --yes pnpm@12 upstash`: a bridge with a Redis of its own, or in front of REDIS_URL, until Ctrl-C.
import { once } from 'node:events';
import { startUpstashRest, type UpstashRest } from './bridge.ts';

const HELP = `npx --yes pnpm@12 upstash

Upstash's REST protocol in front of a real Redis, until Ctrl-C. Prints the url, and the token, to give to a client.

  PORT        where it listens, on this machine only. Default: a free one
  REDIS_URL   the Redis behind it, like redis://127.0.0.1:6379. Default: one of its own, which ends with it
`;

const [argument] = process.argv.slice(2).filter((each) => each !== '--');
if (argument === '--help' || argument === '-h' || argument === 'help') {
  process.stdout.write(HELP);
  process.exit(0);
}
if (argument !== undefined)
  give(`${JSON.stringify(argument)} is no argument: it takes none, but PORT and REDIS_URL from the environment`);

const { PORT, REDIS_URL } = process.env;
const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await using bridge = await start();
console.log(`UPSTASH_REDIS_REST_URL=${bridge.url}`);
console.log(`UPSTASH_REDIS_REST_TOKEN=${bridge.token}`);
console.log(`# read only: ${bridge.readOnlyToken}; Redis itself: ${bridge.redisUrl}; end with Ctrl-C`);
await ended;

async function start(): Promise<UpstashRest> {
  if (PORT && !(/^\d+$/.test(PORT) && Number(PORT) < 65_536)) give('PORT must be a number up to 65535');
  if (REDIS_URL && !/^redis:\/\/[^/]/.test(REDIS_URL)) give('REDIS_URL must be one like redis://127.0.0.1:6379');
  try {
    return await startUpstashRest({
      ...(PORT ? { port: Number(PORT) } : {}),
      ...(REDIS_URL ? { redis: REDIS_URL } : {}),
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') give(`PORT ${PORT} is in use: give another one, or leave it out`);
    if (REDIS_URL)
      give(`the server at REDIS_URL does not serve (${code ?? message}): does it run, and is its password in the url?`);
    throw error;
  }
}

function give(what: string): never {
  console.error(`upstash: ${what}.`);
  process.exit(1);
}
