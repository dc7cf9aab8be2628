-- Renews leases.
-- KEYS   leases, incarnations, meta; then the heartbeat of each backend
-- ARGV   channel, lease in µs; then for each backend its incarnation as JSON or '', or nothing at all where none of them has one
-- Reply  how many, where all were renewed; else for each backend: 1 renewed, 0 unknown, -1 fenced
-- O(log n) a backend, without reading a document. Repeated, it renews again. No version; the bell only where somebody came back.
--!include clock.lua
--!include facts.lua
--!include ids.lua
local epoch = facts(KEYS[3], 'epoch')[2] or ''
local count, fenced = #KEYS - 3, #ARGV > 2
local nowText, ends = text(now), text(now + ARGV[2])
local heartbeat = string.format('%d.%06d', time[1], time[2])
local expired = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
local from, sub, keys = idStart(KEYS[2], 'heartbeat:'), string.sub, KEYS
local reply, all = {}, true
for first = 4, count + 3, 100 do
  local last = math.min(first + 99, count + 3)
  local leases, beats, at = { 'XX', 'CH' }, {}, 0
  for n = first, last do
    local key = keys[n]
    leases[at + 3], leases[at + 4] = ends, sub(key, from)
    beats[at + 1], beats[at + 2] = key, heartbeat
    at = at + 2
  end
  local ids, known = nil, nil
  local plain = true
  if fenced then
    ids = idsOf(KEYS[2], 'heartbeat:', first, last)
    known = redis.call('HMGET', KEYS[2], unpack(ids))
    for n = 1, #ids do
      local given = ARGV[first + n - 2]
      if not known[n] or given ~= '' and given ~= known[n] then plain = false break end
    end
  end
  -- What is not registered gets no lease. One that was renewed twice, or to the same time, is not counted, and looked up below.
  if plain and redis.call('ZADD', KEYS[1], unpack(leases)) == last - first + 1 then
    redis.call('MSET', unpack(beats))
    for n = first, last do reply[n - 3] = 1 end
  else
    ids = ids or idsOf(KEYS[2], 'heartbeat:', first, last)
    known = known or redis.call('HMGET', KEYS[2], unpack(ids))
    leases, beats, at = {}, {}, 0
    for n = 1, #ids do
      local given = fenced and ARGV[first + n - 2] or ''
      if not known[n] then
        reply[first + n - 4], all = 0, false
      elseif given ~= '' and given ~= known[n] then
        reply[first + n - 4], all = -1, false
      else
        reply[first + n - 4] = 1
        leases[at + 1], leases[at + 2] = ends, ids[n]
        beats[at + 1], beats[at + 2] = KEYS[first + n - 1], heartbeat
        at = at + 2
      end
    end
    if at > 0 then
      redis.call('ZADD', KEYS[1], unpack(leases))
      redis.call('MSET', unpack(beats))
    end
  end
end
if expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired then redis.call('PUBLISH', ARGV[1], epoch) end
if all then return count end
return reply
