/**
 * How scripts are written for Upstash. Used when they are built, too.
 *
 * - Upstash takes one lock for the whole database while a script runs, unless its first line says that it locks its keys. All keys are declared.
 * - A client of the caller's may parse whatever looks like JSON: documents would come back as objects, numbers without their last digits. So every text of
 *   a reply begins with a character that no JSON begins with. It also tells a reply from what a client made up itself.
 * - Where PUBLISH is refused in a script, everything else it has done stands, and watchers poll.
 */

const MARK = '.';
const CLIENTS_TIME = `local micros = table.remove(ARGV)
local seconds = table.remove(ARGV)
`;

/** The arguments, and the time of this process after them: seconds, and microseconds beyond. */
export function withTime(args: readonly string[]): string[] {
  const ms = Date.now();
  return [...args, String(Math.floor(ms / 1_000)), String((ms % 1_000) * 1_000)];
}

/** The script as Upstash is to run it. @param clock whose time it goes by; that of the client follows the arguments, as {@link withTime} puts it */
export function dialect(source: string, clock: 'store' | 'client' = 'store'): string {
  const body = source.replaceAll("redis.call('PUBLISH'", "redis.pcall('PUBLISH'");
  return `#!lua flags=allow-key-locking
${clock === 'client' ? CLIENTS_TIME : ''}local function run()
${clock === 'client' ? body.replaceAll("redis.call('TIME')", '{ seconds, micros }') : body}
end
local reply = run()
if type(reply) == 'string' then return '${MARK}' .. reply end
if type(reply) == 'table' then
for n = 1, #reply do
if type(reply[n]) == 'string' then reply[n] = '${MARK}' .. reply[n] end
end
end
return reply`;
}

/** The reply as the script gave it; `undefined` where it is not one of such a script. */
export function readReply(reply: unknown): unknown {
  if (reply === null || typeof reply === 'number') return reply;
  if (typeof reply === 'string') return reply.startsWith(MARK) ? reply.slice(MARK.length) : undefined;
  if (!Array.isArray(reply)) return undefined;
  const items = reply.map(readReply);
  return items.includes(undefined) ? undefined : items;
}
