-- Renews leases.
-- KEYS   leases, incarnations, meta; then the heartbeat of each backend
-- ARGV   channel, lease in µs; then for each backend its incarnation as JSON or '', or nothing at all where none of them has one
-- Reply  how many, where all were renewed; else for each backend: 1 renewed, 0 unknown, -1 fenced
-- O(log n) a backend, without reading a document. Repeated, it renews again. No version; the bell only where somebody came back, or has become the next whose
-- lease ends.
--!include clock.lua
--!include facts.lua
--!include ids.lua
--!include next.lua
local epoch = facts(KEYS[3], 'epoch')[2] or ''
local count, fenced = #KEYS - 3, #ARGV > 2
local ends = text(now + ARGV[2])
local heartbeat = string.format('%d.%06d', time[1], time[2])
local expired = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
local from, sub, keys = idStart(KEYS[2], 'heartbeat:'), string.sub, KEYS
-- Who was not renewed, and whose lease was the next to end.
local others, all, next = {}, true, nil
-- Filled again for each part: a table that grows takes longer than what is put into it.
local ids, leases, beats = {}, { 'XX', 'GT', 'CH' }, {}
for first = 3, count + 2, 100 do
  local many = math.min(100, count + 3 - first)
  for n = 1, many do
    local key = keys[first + n]
    local id = sub(key, from)
    ids[n] = id
    leases[2 * n + 2], leases[2 * n + 3] = ends, id
    beats[2 * n - 1], beats[2 * n] = key, heartbeat
  end
  local known = fenced and redis.call('HMGET', KEYS[2], unpack(ids, 1, many))
  local plain = true
  if fenced then
    for n = 1, many do
      local given = ARGV[first + n - 1]
      if not known[n] or given ~= '' and given ~= known[n] then plain = false break end
    end
  end
  -- What is not registered gets no lease. One that would end sooner gets none here, and one that was renewed twice is not counted: they are looked up below.
  if plain and redis.call('ZADD', KEYS[1], unpack(leases, 1, 2 * many + 3)) == many then
    redis.call('MSET', unpack(beats, 1, 2 * many))
  else
    known = known or redis.call('HMGET', KEYS[2], unpack(ids, 1, many))
    local renewed, beaten, at = {}, {}, 0
    for n = 1, many do
      local given = fenced and ARGV[first + n - 1] or ''
      if not known[n] then
        others[first + n - 3], all = 0, false
      elseif given ~= '' and given ~= known[n] then
        others[first + n - 3], all = -1, false
      else
        renewed[at + 1], renewed[at + 2] = ends, ids[n]
        beaten[at + 1], beaten[at + 2] = keys[first + n], heartbeat
        at = at + 2
      end
    end
    if at > 0 then
      next = next or nextEnd()
      redis.call('ZADD', KEYS[1], unpack(renewed))
      redis.call('MSET', unpack(beaten))
    end
  end
end
if next and nextEnd() < next or expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired then redis.call('PUBLISH', ARGV[1], epoch) end
if all then return count end
local reply = {}
for n = 1, count do reply[n] = others[n] or 1 end
return reply
