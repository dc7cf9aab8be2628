-- Removes backends that have expired, or whose rows cannot be read: each is looked at again, for it may have come back.
-- KEYS   leases, incarnations, versions, removed, meta; then for each backend its document and its heartbeat
-- ARGV   channel; then for each backend: id, and the text that could not be read, or '' for one that has expired
-- Reply  end of the next lease in µs or '', now in µs; then for each backend that was removed: its place in the call, its document or ''
-- O(log n) a backend. Repeated, it removes nothing.
--!include clock.lua
--!include history.lua
local reply = { '', text(now) }
local version, news = history(KEYS[5], '', KEYS[1], KEYS[3], KEYS[4])
local strings = redis.call('MGET', unpack(KEYS, 6))
local keys, ids = {}, {}
for n = 0, (#KEYS - 5) / 2 - 1 do
  local id, unreadable = ARGV[2 + 2 * n], ARGV[3 + 2 * n]
  local ends = redis.call('ZSCORE', KEYS[1], id)
  local written = strings[1 + 2 * n] or ''
  local gone = ends and tonumber(ends) <= now
  if unreadable ~= '' then gone = redis.call('ZSCORE', KEYS[3], id) and written == string.sub(unreadable, 2) end
  if gone then
    ids[#ids + 1] = id
    keys[#keys + 1], keys[#keys + 2] = KEYS[6 + 2 * n], KEYS[7 + 2 * n]
    reply[#reply + 1], reply[#reply + 2] = n, written
  end
end
if #ids > 0 then
  -- It makes room: the first command is the one that a full server must take.
  redis.call('DEL', unpack(keys))
  for _, id in ipairs(ids) do
    version = version + 1
    bury(KEYS[4], KEYS[5], 'expired', id, version, news)
  end
  keep(KEYS[5], version, news)
  redis.call('ZREM', KEYS[3], unpack(ids))
  redis.call('HDEL', KEYS[2], unpack(ids))
  redis.call('ZREM', KEYS[1], unpack(ids))
  tell(ARGV[1], news)
end
local next = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
reply[1] = next[2] or ''
return reply
