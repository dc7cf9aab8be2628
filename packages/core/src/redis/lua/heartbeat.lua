-- Renews leases.
-- KEYS   leases, incarnations; then the heartbeat of each backend
-- ARGV   channel; then for each backend: id, its incarnation as JSON or '', lease in µs
-- Reply  for each backend: 1 renewed, 0 unknown, -1 fenced
-- O(log n) a backend, without reading a document. Repeated, it renews again. No version; the bell only where somebody came back.
--!include clock.lua
local count = #KEYS - 2
local expired = redis.call('ZCOUNT', KEYS[1], '-inf', text(now))
local heartbeat = string.format('%d.%06d', time[1], time[2])
local reply = {}
for first = 1, count, 1000 do
  local last = math.min(first + 999, count)
  local ids, beats, leases = {}, {}, {}
  for n = first, last do ids[#ids + 1] = ARGV[3 * n - 1] end
  local incarnations = redis.call('HMGET', KEYS[2], unpack(ids))
  for n = first, last do
    local known, given = incarnations[n - first + 1], ARGV[3 * n]
    if not known then
      reply[n] = 0
    elseif given ~= '' and given ~= known then
      reply[n] = -1
    else
      reply[n] = 1
      beats[#beats + 1] = KEYS[n + 2]
      beats[#beats + 1] = heartbeat
      leases[#leases + 1] = text(now + ARGV[3 * n + 1])
      leases[#leases + 1] = ARGV[3 * n - 1]
    end
  end
  if #beats > 0 then
    redis.call('MSET', unpack(beats))
    redis.call('ZADD', KEYS[1], unpack(leases))
  end
end
if expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', text(now)) < expired then redis.call('PUBLISH', ARGV[1], '') end
return reply
