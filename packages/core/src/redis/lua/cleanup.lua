-- Removes backends that have expired, or whose rows cannot be read: each is looked at again, for it may have come back.
-- KEYS   leases, incarnations, versions, removed, meta; then for each backend its document and its heartbeat
-- ARGV   channel; then for each backend: id, and the text that could not be read, or '' for one that has expired
-- Reply  end of the next lease in µs or '', now in µs; then for each backend that was removed: its place in the call, its document or ''
-- O(log n) a backend. Repeated, it removes nothing.
--!include clock.lua
--!include history.lua
local reply = { '', text(now) }
local before, news = history(KEYS[5], '', KEYS[1], KEYS[3], KEYS[4])
local version = before
local strings = redis.call('MGET', unpack(KEYS, 6))
for n = 0, (#KEYS - 5) / 2 - 1 do
  local documentKey, heartbeatKey, id, unreadable = KEYS[6 + 2 * n], KEYS[7 + 2 * n], ARGV[2 + 2 * n], ARGV[3 + 2 * n]
  local ends = redis.call('ZSCORE', KEYS[1], id)
  local written = strings[1 + 2 * n] or ''
  local gone = ends and tonumber(ends) <= now
  if unreadable ~= '' then gone = redis.call('HEXISTS', KEYS[2], id) == 1 and written == string.sub(unreadable, 2) end
  if gone then
    version = version + 1
    redis.call('DEL', documentKey, heartbeatKey)
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
    bury(KEYS[4], KEYS[5], 'expired', id, version, news)
    reply[#reply + 1] = n
    reply[#reply + 1] = written
  end
end
if version > before then tell(KEYS[5], ARGV[1], version, news) end
local next = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
reply[1] = next[2] or ''
return reply
