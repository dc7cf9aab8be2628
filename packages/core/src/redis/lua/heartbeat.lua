-- Renews leases.
-- KEYS   leases, incarnations; then the heartbeat of each backend
-- ARGV   channel, lease in µs; then for each backend its incarnation as JSON or '', or nothing at all where none of them has one
-- Reply  for each backend: 1 renewed, 0 unknown, -1 fenced
-- O(log n) a backend, without reading a document. Repeated, it renews again. No version; the bell only where somebody came back.
--!include clock.lua
local count, fenced = #KEYS - 2, #ARGV > 2
local nowText, ends = text(now), text(now + ARGV[2])
local expired = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
local heartbeat = string.format('%d.%06d', time[1], time[2])
-- What stands before an id, whatever prefix a client has put before our own.
local from = #KEYS[2] - #'registry:incarnations' + #'heartbeat:' + 1
local sub = string.sub
local reply = {}
for first = 1, count, 1000 do
  local last = first + 999
  if last > count then last = count end
  local ids, beats, leases, many = {}, {}, {}, 0
  for n = first, last do ids[n - first + 1] = sub(KEYS[n + 2], from) end
  local incarnations = redis.call('HMGET', KEYS[2], unpack(ids))
  for n = first, last do
    local known = incarnations[n - first + 1]
    if not known then
      reply[n] = 0
    elseif fenced and ARGV[n + 2] ~= '' and ARGV[n + 2] ~= known then
      reply[n] = -1
    else
      reply[n] = 1
      beats[many + 1], beats[many + 2] = KEYS[n + 2], heartbeat
      leases[many + 1], leases[many + 2] = ends, ids[n - first + 1]
      many = many + 2
    end
  end
  if many > 0 then
    redis.call('MSET', unpack(beats))
    redis.call('ZADD', KEYS[1], unpack(leases))
  end
end
if expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired then redis.call('PUBLISH', ARGV[1], '') end
return reply
