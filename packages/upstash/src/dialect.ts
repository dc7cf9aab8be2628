/**
 * How scripts are written for Upstash. Used when they are built, too.
 *
 * - Upstash takes one lock for the whole database while a script runs, unless its first line says that it locks its keys. All keys are declared.
 * - A client of the caller's may parse whatever looks like JSON: documents would come back as objects, numbers without their last digits. So every text of
 *   a reply begins with a character that no JSON begins with. It also tells a reply from what a client made up itself.
 */

const MARK = '.';

/** The script as Upstash is to run it. */
export function dialect(source: string, locks: 'keys' | 'everything' = 'keys'): string {
  return `${locks === 'keys' ? '#!lua flags=allow-key-locking\n' : ''}local function run()
${source}
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
