-- Registers backends, in order.
-- KEYS   leases, incarnations, versions, removed, meta; then for each backend its document and its heartbeat
-- ARGV   channel, a random epoch; then for each backend: id, address (the beginning of its document), its incarnation as JSON or '', a random one as JSON,
--        lease in µs, health or '', the three metrics or '' each, what it declares (the end of its document)
-- Reply  for each backend: status, document
-- O(log n) a backend. Repeated, it finds what it wrote and renews the lease.
--!include clock.lua
--!include history.lua
--!include document.lua
local reply, rung = {}, false
local version = nextVersion(KEYS[5], ARGV[2]) - 1
local before = version
local heartbeat = string.format('%d.%06d', time[1], time[2])
local function pick(given, otherwise) if given == '' then return otherwise end return given end
for n = 0, (#KEYS - 5) / 2 - 1 do
  local documentKey, heartbeatKey, a = KEYS[6 + 2 * n], KEYS[7 + 2 * n], 3 + 10 * n
  local id, address, given, random, lease, health = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4], ARGV[a + 5]
  local m1, m2, m3, declared = ARGV[a + 6], ARGV[a + 7], ARGV[a + 8], ARGV[a + 9]
  local known = redis.call('HGET', KEYS[2], id)
  local written = known and redis.call('GET', documentKey)
  local old = written and scalars(written)
  if old and string.sub(old.rest, 1, #known) ~= known then old = nil end
  local status, result = 'registered', nil
  local s, incarnation
  if old and (given == '' or given == known) then
    incarnation = known
    s = { health = pick(health, old.health), m1 = pick(m1, old.m1), m2 = pick(m2, old.m2), m3 = pick(m3, old.m3), draining = old.draining,
      at = old.at, registered = old.registered }
    local reported = s.m1 ~= old.m1 or s.m2 ~= old.m2 or s.m3 ~= old.m3
    if reported then s.at = milliseconds() end
    if reported or s.health ~= old.health or old.rest ~= known .. declared then status = 'updated' else status, result = 'renewed', written end
  else
    if old then status = 'replaced' end
    incarnation = pick(given, random)
    local at = 'null'
    if m1 ~= '' or m2 ~= '' or m3 ~= '' then at = milliseconds() end
    s = { health = pick(health, 'true'), m1 = pick(m1, '0'), m2 = pick(m2, '0'), m3 = pick(m3, '0'), draining = 'false', at = at, registered = milliseconds() }
    redis.call('HSET', KEYS[2], id, incarnation)
    if not known then redis.call('ZREM', KEYS[4], 'unregistered ' .. id, 'expired ' .. id) end
  end
  if not result then
    version = version + 1
    result = document(address, s, version, incarnation .. declared)
    redis.call('SET', documentKey, result)
    redis.call('ZADD', KEYS[3], text(version), id)
  else
    local ends = redis.call('ZSCORE', KEYS[1], id)
    if ends and tonumber(ends) <= now then rung = true end
  end
  redis.call('SET', heartbeatKey, heartbeat)
  redis.call('ZADD', KEYS[1], text(now + lease), id)
  reply[#reply + 1] = status
  reply[#reply + 1] = result
end
if version > before then redis.call('HSET', KEYS[5], 'version', text(version)) end
if rung or version > before then redis.call('PUBLISH', ARGV[1], text(version)) end
return reply
