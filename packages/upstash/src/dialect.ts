/**
 * How scripts are written for Upstash. Used when they are built, too.
 *
 * - Upstash takes one lock for the whole database while a script runs, unless its first line says that it locks its keys. All keys are declared.
 * - A client of the caller's decodes each text of a reply by itself, and tries to parse it as JSON: documents would come back as objects, numbers without their last
 *   digits, and a list of a thousand would take it four times as long as the rest of it. So the parts of a reply come as one text, with a character between them that
 *   they do not have, which begins as no JSON does. It also tells a reply from what a client made up itself.
 * - Where PUBLISH is refused in a script, everything else it has done stands, and watchers poll.
 */

/** Before one text. */
const TEXT = '.';
/** Before a table: which of its parts are numbers, and the parts. */
const TABLE = ':';
/** Between them. JSON texts of ours do not have it; where a part has it, each comes by itself. */
const BETWEEN = '\x7f';

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
if type(reply) == 'string' then return '${TEXT}' .. reply end
if type(reply) ~= 'table' or #reply == 0 then return reply end
local whole, numbers = true, {}
for n = 1, #reply do
if type(reply[n]) == 'number' then numbers[#numbers + 1] = n
elseif type(reply[n]) ~= 'string' or string.find(reply[n], '\\127', 1, true) then whole = false end
end
if whole then
for _, n in ipairs(numbers) do reply[n] = string.format('%d', reply[n]) end
return '${TABLE}' .. table.concat(numbers, ',') .. '\\127' .. table.concat(reply, '\\127')
end
for n = 1, #reply do
if type(reply[n]) == 'string' then reply[n] = '${TEXT}' .. reply[n] end
end
return reply`;
}

/** The reply as the script gave it; `undefined` where it is not one of such a script. */
export function readReply(reply: unknown): unknown {
  if (reply === null || typeof reply === 'number') return reply;
  if (typeof reply === 'string')
    return reply.startsWith(TEXT) ? reply.slice(1) : reply.startsWith(TABLE) ? readTable(reply.slice(1)) : undefined;
  if (!Array.isArray(reply)) return undefined;
  const items = reply.map(readReply);
  return items.includes(undefined) ? undefined : items;
}

function readTable(text: string): unknown[] | undefined {
  const [numbers = '', ...parts] = text.split(BETWEEN);
  if (parts.length === 0) return undefined;
  const read: unknown[] = parts;
  for (const number of numbers === '' ? [] : numbers.split(',')) {
    const at = Number(number) - 1;
    if (!(at in parts)) return undefined;
    read[at] = Number(parts[at]);
  }
  return read;
}
