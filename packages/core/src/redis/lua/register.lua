-- Registers backends, in order.
-- KEYS   leases, incarnations, versions, removed, meta; then the document of each backend; then the heartbeat of each
-- ARGV   channel, a random epoch; then for each backend: address (the beginning of its document), its incarnation as JSON after a mark, lease in µs, state
--        ("health,draining,m1,m2,m3" with nothing for what is not given, or nothing at all), what it declares (the end of its document). The mark: "=" it is this
--        one; "?" it is whatever is registered, else this one; "!" as "?", but what is registered is left alone, unless another program wrote its document
-- Reply  for each backend: status, document; "known" and nothing for what was left alone, "foreign" and nothing where a key holds what is no text
-- O(log n) a backend. Repeated, it finds what it wrote and renews the lease.
--!include clock.lua
--!include ids.lua
--!include history.lua
--!include document.lua
--!include next.lua
local count = (#KEYS - 5) / 2
local ids = idsOf(KEYS[2], 'backend:', 6, 5 + count)
local known = redis.call('HMGET', KEYS[2], unpack(ids))
local written = redis.call('MGET', unpack(KEYS, 6, 5 + count))
local before, news = history(KEYS[5], ARGV[2], KEYS[1], KEYS[3], KEYS[4])
local version = before
local heartbeat = string.format('%d.%06d', time[1], time[2])
local ms = text(math.floor(now / 1000))
local samePattern = '^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local strings, leases, versions, incarnations, exhumed, reply, places = {}, {}, {}, {}, {}, {}, {}
local renewed, lease, ends, sign = false, nil, nil, nil
-- Lengths: asking a table for its own takes longer.
local texts, beats, changed = 0, 0, 0
-- Where nothing is registered, nothing of another type may be.
local free = {}
for n = 1, count do
  if not written[n] then free[#free + 1] = KEYS[5 + n] end
  if not known[n] then free[#free + 1] = KEYS[5 + count + n] end
end
local taken = #free > 0 and redis.call('EXISTS', unpack(free)) > 0
local function isForeign(key)
  local kind = taken and redis.call('TYPE', key).ok or 'none'
  return kind ~= 'none' and kind ~= 'string'
end
for n = 1, count do
  local id, a = ids[n], 5 * n - 2
  local address, incarnation, state, declared = ARGV[a], ARGV[a + 1], ARGV[a + 3], ARGV[a + 4]
  if ARGV[a + 2] ~= lease then
    lease = ARGV[a + 2]
    ends = text(now + lease)
    sign = '+' .. ends
  end
  local last = places[id]
  places[id] = n
  local life, old = known[n], written[n]
  if last then life, old = known[last], written[last] end
  -- Where the parts of the old document are; nothing where it is none.
  local head, tail, rest
  if life and old and string.find(old, address, 1, true) == 1 then
    head, tail, rest = string.match(old, samePattern, #address + 1)
    if rest and string.find(old, life, rest, true) ~= rest then rest = nil end
  end
  local mark = string.byte(incarnation)
  incarnation = string.sub(incarnation, 2)
  local status, result, at
  if life and mark == 33 and (rest or not old) then
    status, result = 'known', ''
  elseif not last and (not old and isForeign(KEYS[5 + n]) or not life and isForeign(KEYS[5 + count + n])) then
    status, result = 'foreign', ''
  elseif rest and (mark ~= 61 or incarnation == life) then
    local same = #old - rest + 1 == #life + #declared and string.find(old, declared, rest + #life, true)
    local s = state ~= '' and scalars(old)
    if s and write(s, state) or not same then
      version = version + 1
      status, at = 'updated', text(version)
      if s then result = document(address, s, at, life .. declared)
      else result = string.sub(old, 1, head - 1) .. ',"version":' .. at .. string.sub(old, tail, rest - 1) .. life .. declared end
    else
      status, result, renewed = 'renewed', old, true
    end
  else
    status = rest and 'replaced' or 'registered'
    life = mark == 33 and life or incarnation
    local s = { health = 'true', m1 = '0', m2 = '0', m3 = '0', draining = 'false', at = 'null', registered = ms }
    if state ~= '' then
      write(s, state)
      if string.find(state, '%d') then s.at = ms end
    end
    version = version + 1
    at = text(version)
    result = document(address, s, at, life .. declared)
    incarnations[#incarnations + 1], incarnations[#incarnations + 2] = id, life
    exhumed[#exhumed + 1], exhumed[#exhumed + 2] = 'unregistered ' .. id, 'expired ' .. id
  end
  if at then
    strings[texts + 1], strings[texts + 2] = KEYS[5 + n], result
    versions[2 * changed + 1], versions[2 * changed + 2] = at, id
    news[3 * changed + 4], news[3 * changed + 5], news[3 * changed + 6] = sign, id, result
    texts, changed = texts + 2, changed + 1
  end
  if result ~= '' then
    strings[texts + 1], strings[texts + 2] = KEYS[5 + count + n], heartbeat
    leases[2 * beats + 1], leases[2 * beats + 2] = ends, id
    texts, beats = texts + 2, beats + 1
    written[n] = result
  end
  known[n] = life
  reply[2 * n - 1], reply[2 * n] = status, result
end
local expired = renewed and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) or 0
local next = renewed and nextEnd()
if version > before then
  keep(KEYS[5], version, news)
  redis.call('ZADD', KEYS[3], unpack(versions))
end
if beats > 0 then
  redis.call('ZADD', KEYS[1], unpack(leases))
  redis.call('MSET', unpack(strings))
end
if #incarnations > 0 then
  redis.call('ZREM', KEYS[4], unpack(exhumed))
  redis.call('HSET', KEYS[2], unpack(incarnations))
end
-- Who came back without a change, or ends sooner, is not in the news: then everybody looks.
local back = expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired or next and nextEnd() < next
if version > before then tell(ARGV[1], back and { news[1], news[2], news[3] } or news)
elseif back then redis.call('PUBLISH', ARGV[1], news[1]) end
return reply
