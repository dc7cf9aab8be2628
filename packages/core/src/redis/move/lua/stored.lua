-- Reads backends with their leases, each as it was at one moment.
-- KEYS   leases, meta; then the document of each backend; then the heartbeat of each
-- ARGV   the id of each
-- Reply  now in µs; then for each: document or '', heartbeat or '', end of the lease in µs or '' where it is not registered
-- O(how many). Writes nothing.
--!include ../../lua/clock.lua
--!include ../../lua/facts.lua
facts(KEYS[2])
local count = #ARGV
local strings = redis.call('MGET', unpack(KEYS, 3))
local ends = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local reply = { text(now) }
for n = 1, count do
  reply[3 * n - 1], reply[3 * n], reply[3 * n + 1] = strings[n] or '', strings[count + n] or '', ends[n] or ''
end
return reply
