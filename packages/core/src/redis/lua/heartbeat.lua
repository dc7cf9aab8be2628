-- Renews leases.
-- KEYS   leases, incarnations; then the heartbeat of each backend
-- ARGV   channel, lease in µs; then for each backend its incarnation as JSON or '', or nothing at all where none of them has one
-- Reply  how many, where all were renewed; else for each backend: 1 renewed, 0 unknown, -1 fenced
-- O(log n) a backend, without reading a document. Repeated, it renews again. No version; the bell only where somebody came back.
--!include clock.lua
--!include ids.lua
local count, fenced = #KEYS - 2, #ARGV > 2
local nowText, ends = text(now), text(now + ARGV[2])
local heartbeat = string.format('%d.%06d', time[1], time[2])
local expired = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
local reply, all = {}, true
for first = 3, count + 2, 1000 do
  local last = math.min(first + 999, count + 2)
  local ids = idsOf(KEYS[2], 'heartbeat:', first, last)
  local leases, beats = { 'XX', 'CH' }, {}
  for n = 1, #ids do
    leases[2 * n + 1], leases[2 * n + 2] = ends, ids[n]
    beats[2 * n - 1], beats[2 * n] = KEYS[first + n - 1], heartbeat
  end
  local known = fenced and redis.call('HMGET', KEYS[2], unpack(ids))
  local plain = true
  for n = 1, fenced and #ids or 0 do
    local given = ARGV[first + n - 1]
    if not known[n] or given ~= '' and given ~= known[n] then plain = false break end
  end
  -- What is not registered gets no lease. One that was renewed twice, or to the same time, is not counted, and looked up below.
  if plain and redis.call('ZADD', KEYS[1], unpack(leases)) == #ids then
    redis.call('MSET', unpack(beats))
    for n = 1, #ids do reply[first + n - 3] = 1 end
  else
    known = known or redis.call('HMGET', KEYS[2], unpack(ids))
    leases, beats = {}, {}
    for n = 1, #ids do
      local given = fenced and ARGV[first + n - 1] or ''
      if not known[n] then
        reply[first + n - 3], all = 0, false
      elseif given ~= '' and given ~= known[n] then
        reply[first + n - 3], all = -1, false
      else
        reply[first + n - 3] = 1
        leases[#leases + 1], leases[#leases + 2] = ends, ids[n]
        beats[#beats + 1], beats[#beats + 2] = KEYS[first + n - 1], heartbeat
      end
    end
    if #beats > 0 then
      redis.call('ZADD', KEYS[1], unpack(leases))
      redis.call('MSET', unpack(beats))
    end
  end
end
if expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired then redis.call('PUBLISH', ARGV[1], '') end
if all then return count end
return reply
