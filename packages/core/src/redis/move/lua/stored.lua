-- Reads backends with their leases, each as it was at one moment.
-- KEYS   leases, meta, versions; then the document of each backend; then the heartbeat of each
-- ARGV   the id of each
-- Reply  now in µs; then for each: document or '', heartbeat or '', end of the lease in µs or '' where it has none, its version in the index or ''
-- O(how many). Writes nothing.
--!include ../../lua/clock.lua
--!include ../../lua/facts.lua
facts(KEYS[2])
local count = #ARGV
local strings = redis.call('MGET', unpack(KEYS, 4))
local ends = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local versions = redis.call('ZMSCORE', KEYS[3], unpack(ARGV))
local reply = { text(now) }
for n = 1, count do
  reply[4 * n - 2], reply[4 * n - 1], reply[4 * n], reply[4 * n + 1] = strings[n] or '', strings[count + n] or '', ends[n] or '', versions[n] or ''
end
return reply
