/** What the server allows this user, of what a registry needs. */
import { type Layout, layoutOf, prefixOf } from '../layout.ts';
import type { Place } from '../place.ts';
import { isDenied, type Raw, reasonOf } from '../raw.ts';
import { type Check, fail, ok, warn } from './check.ts';
import type { Role } from './role.ts';

const BACKEND = words(
  'eval evalsha mget mset get del time type exists publish hget hmget hset hdel zadd zcard zcount zscore zmscore zrange zrem zremrangebyrank',
);
const PROXY = words('eval evalsha mget get time type hmget zcard zcount zscore zmscore zrangebyscore subscribe');
const CLEANER = words(
  'eval evalsha mget get del time type publish hget hmget hset hdel zadd zcard zcount zscore zmscore zrange zrangebyscore zrem zremrangebyrank subscribe',
);

/** The commands of each role, those of its scripts included. A test compares them with the rules of the documentation. */
export const COMMANDS: Readonly<Record<Role, readonly string[]>> = {
  backend: BACKEND,
  proxy: PROXY,
  cleaner: CLEANER,
  operator: [...new Set([...BACKEND, ...CLEANER, 'scan', 'hscan', 'expire'])],
};

/** What every client of a Cluster asks, and says while a slot moves. */
export const ON_CLUSTER: readonly string[] = ['cluster|slots', 'cluster|info', 'asking'];

/** What stands behind the key, so that the command is one. */
const REST: Readonly<Record<string, readonly string[]>> = {
  mset: ['x'],
  hscan: ['0'],
  expire: ['1'],
  hget: ['x'],
  hmget: ['x'],
  hset: ['x', 'x'],
  hdel: ['x'],
  zadd: ['1', 'x'],
  zcount: ['0', '1'],
  zscore: ['x'],
  zmscore: ['x'],
  zrange: ['0', '1'],
  zrangebyscore: ['0', '1'],
  zrem: ['x'],
  zremrangebyrank: ['0', '1'],
};
const WITHOUT_KEY: Readonly<Record<string, readonly string[]>> = {
  time: ['time'],
  scan: ['scan', '0'],
  'cluster|slots': ['cluster', 'slots'],
  'cluster|info': ['cluster', 'info'],
  asking: ['asking'],
};
const SCRIPT: readonly string[] = ['eval', 'evalsha'];

/** The server says for each of them whether this user may, and does none. */
const ASK = `
local reply, at = {}, 1
while at <= #ARGV do
  local many = tonumber(ARGV[at])
  reply[#reply + 1] = redis.acl_check_cmd(unpack(ARGV, at + 1, at + many)) and 1 or 0
  at = at + many + 1
end
return reply`;

/** @param user as the server calls it, for the remedy */
export async function checkPermissions(raw: Raw, place: Place, role: Role, user = 'USER'): Promise<Check> {
  const name = 'permissions';
  const layout = layoutOf(prefixOf(place));
  const inCluster = place.kind === 'cluster';
  const patterns = ['backend:', 'heartbeat:', 'registry:'].map((kind) => `${layout.prefix}${kind}`);
  const commands = [...COMMANDS[role], ...(inCluster ? ON_CLUSTER : [])];
  const samples = commands.map((command) => samplesOf(command, layout, patterns));
  const scripts = SCRIPT.map((command) => commands.indexOf(command));
  let answers: boolean[];
  try {
    const asked = samples.flat().flatMap((sample) => [sample.length, ...sample]);
    answers = ((await raw.call('EVAL', ASK, 0, ...asked)) as number[]).map((answer) => Number(answer) === 1);
  } catch (error) {
    if (isDenied(error))
      return fail(
        name,
        'This user may not run scripts, and every write of the registry is one. What else is missing can be asked when it may.',
        `ACL SETUSER ${user} +eval +evalsha`,
      );
    return warn(name, `What this user may do cannot be asked (${reasonOf(error)}): Redis 7 and newer tell.`);
  }
  const allowed = samples.map((some) => some.map(() => answers.shift() ?? false));
  // A script is allowed the keys that it names, to read and to write: what is closed to it is closed to all of its commands.
  const open = patterns.map((_, place) => scripts.some((n) => allowed[n]?.[1 + place] === true));
  const closed = patterns.filter((_, place) => !open[place]);
  const lacking = commands.filter((command, n) => {
    const answers = allowed[n] ?? [];
    if (SCRIPT.includes(command) || answers.length !== patterns.length) return answers[0] !== true;
    return answers.some((answer, place) => open[place] && !answer);
  });
  if (lacking.length === 0 && closed.length === 0) return ok(name, `This user may do all that ${article(role)} needs.`);
  const channel = lacking.some((command) => command === 'publish' || command === 'subscribe');
  const rule = [
    ...lacking.map((command) => `+${command}`),
    ...closed.map((pattern) => `~${pattern}*`),
    ...(channel ? [`&${layout.channel}`] : []),
  ];
  const what = [
    ...lacking.map((command) => command.toUpperCase().replace('|', ' ')),
    ...closed.map((pattern) => `keys like ${pattern}*`),
  ];
  return fail(
    name,
    `This user lacks, of what ${article(role)} needs: ${what.join(', ')}.`,
    `${inCluster ? 'On every node: ' : ''}ACL SETUSER ${user} ${rule.join(' ')}`,
  );
}

/** A command as it is used, on a key of each kind where it has one. */
function samplesOf(command: string, layout: Layout, patterns: readonly string[]): (readonly string[])[] {
  if (SCRIPT.includes(command))
    return [[command, 'x', '0'], ...patterns.map((pattern) => [command, 'x', '1', `${pattern}x`])];
  const whole = WITHOUT_KEY[command];
  if (whole !== undefined) return [whole];
  if (command === 'publish') return [[command, layout.channel, 'x']];
  if (command === 'subscribe') return [[command, layout.channel]];
  return patterns.map((pattern) => [command, `${pattern}x`, ...(REST[command] ?? [])]);
}

function article(role: Role): string {
  return role === 'operator' ? 'an operator' : `a ${role}`;
}

function words(text: string): readonly string[] {
  return text.split(' ');
}
