/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: '8772d2bff2fe793e388a3b65ee144d3e6ff492f0',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local meta = redis.call('HMGET', KEYS[4], 'epoch', 'version', 'floor')
local epoch, version, floor = meta[1] or 'none', meta[2] or '0', meta[3] or '0'
local since, removedSince, anew, looked = ARGV[2], ARGV[3], 0, ARGV[5]
if epoch ~= ARGV[1] or tonumber(removedSince) < tonumber(floor) or tonumber(removedSince) > tonumber(version) or tonumber(since) > tonumber(version) then
since, removedSince, anew, looked = '0', version, 1, '-inf'
end
local nowText = text(now)
local changed, removed = {}, {}
if since ~= version then changed = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. since, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4]) end
if removedSince ~= version then removed = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. removedSince, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4]) end
if looked ~= '-inf' then looked = '(' .. looked end
local ended = redis.call('ZRANGEBYSCORE', KEYS[1], looked, nowText)
local next = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. nowText, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local reply = { nowText, epoch, version, anew, redis.call('ZCOUNT', KEYS[1], '-inf', nowText), next[2] or '' }
for _, list in ipairs({ changed, removed }) do
reply[#reply + 1] = #list / 2
for n = 1, #list do reply[#reply + 1] = list[n] end
end
for n = 1, #ended do reply[#reply + 1] = ended[n] end
return reply`,
  },
  cleanup: {
    sha: '695498cdd4a66fe568806a806689bf980e33f23f',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function nextVersion(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version')
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max((tonumber(last[2]) or 0) + 1, now)
end
local function bury(removed, meta, reason, id, version)
redis.call('ZADD', removed, text(version), reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
end
local reply = { '', text(now) }
local version = nextVersion(KEYS[5], '') - 1
local before = version
for n = 0, (#KEYS - 5) / 2 - 1 do
local documentKey, heartbeatKey, id, unreadable = KEYS[6 + 2 * n], KEYS[7 + 2 * n], ARGV[2 + 2 * n], ARGV[3 + 2 * n]
local ends = redis.call('ZSCORE', KEYS[1], id)
local written = redis.call('GET', documentKey) or ''
local gone = ends and tonumber(ends) <= now
if unreadable ~= '' then gone = redis.call('HEXISTS', KEYS[2], id) == 1 and written == string.sub(unreadable, 2) end
if gone then
version = version + 1
redis.call('DEL', documentKey, heartbeatKey)
redis.call('ZREM', KEYS[1], id)
redis.call('HDEL', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
bury(KEYS[4], KEYS[5], 'expired', id, version)
reply[#reply + 1] = n
reply[#reply + 1] = written
end
end
if version > before then
redis.call('HSET', KEYS[5], 'version', text(version))
redis.call('PUBLISH', ARGV[1], text(version))
end
local next = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
reply[1] = next[2] or ''
return reply`,
  },
  detail: {
    sha: 'c5720349c6331e21340c25604e3afeb95eaeb9bf',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
return { text(now), redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or '', redis.call('ZSCORE', KEYS[3], ARGV[1]) or '' }`,
  },
  expired: {
    sha: '199c88b7c70d9cd031efe5d5ce173e004eb7ab40',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', 0, ARGV[1])`,
  },
  heartbeat: {
    sha: 'f226ddda934f9b363da8f89d9aa0dfe23ce76a5b',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local count, fenced = #KEYS - 2, #ARGV > 2
local nowText, ends = text(now), text(now + ARGV[2])
local expired = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
local heartbeat = string.format('%d.%06d', time[1], time[2])
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
return reply`,
  },
  register: {
    sha: '70c2ac0c4fcc30b713bbd6d9d0879d17a2721939',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function nextVersion(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version')
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max((tonumber(last[2]) or 0) + 1, now)
end
local function bury(removed, meta, reason, id, version)
redis.call('ZADD', removed, text(version), reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
end
local function scalars(document)
local port, health, m1, m2, m3, draining, at, version, registered, rest = string.match(document,
'^{"url":"[^"]*","port":(%d+),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":(%d+),"registered_at_ms":([^,]+),"incarnation":(.*)$')
if not port then return nil end
return { health = health, m1 = m1, m2 = m2, m3 = m3, draining = draining, at = at, registered = registered, rest = rest }
end
local function document(address, s, version, rest)
return address .. ',"health":' .. s.health .. ',"in_flight_requests":' .. s.m1 .. ',"rif_avg_latency":' .. s.m2 .. ',"overall_avg_latency":' .. s.m3 ..
',"draining":' .. s.draining .. ',"metrics_updated_at_ms":' .. s.at .. ',"version":' .. text(version) .. ',"registered_at_ms":' .. s.registered ..
',"incarnation":' .. rest
end
local function milliseconds() return text(math.floor(now / 1000)) end
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
return reply`,
  },
  unregister: {
    sha: '22ba07412568345d4061301348849e9897ae71e1',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function nextVersion(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version')
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max((tonumber(last[2]) or 0) + 1, now)
end
local function bury(removed, meta, reason, id, version)
redis.call('ZADD', removed, text(version), reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
end
local known = redis.call('HGET', KEYS[4], ARGV[2])
if not known then return 0 end
if ARGV[3] ~= '' and ARGV[3] ~= known then return -1 end
local version = nextVersion(KEYS[7], '')
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
redis.call('ZREM', KEYS[5], ARGV[2])
bury(KEYS[6], KEYS[7], 'unregistered', ARGV[2], version)
redis.call('HSET', KEYS[7], 'version', text(version))
redis.call('PUBLISH', ARGV[1], text(version))
return 1`,
  },
  update: {
    sha: '37fcb2724ffef43c7a85d4edf6a91134a175dc7a',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function nextVersion(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version')
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max((tonumber(last[2]) or 0) + 1, now)
end
local function bury(removed, meta, reason, id, version)
redis.call('ZADD', removed, text(version), reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
end
local function scalars(document)
local port, health, m1, m2, m3, draining, at, version, registered, rest = string.match(document,
'^{"url":"[^"]*","port":(%d+),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":(%d+),"registered_at_ms":([^,]+),"incarnation":(.*)$')
if not port then return nil end
return { health = health, m1 = m1, m2 = m2, m3 = m3, draining = draining, at = at, registered = registered, rest = rest }
end
local function document(address, s, version, rest)
return address .. ',"health":' .. s.health .. ',"in_flight_requests":' .. s.m1 .. ',"rif_avg_latency":' .. s.m2 .. ',"overall_avg_latency":' .. s.m3 ..
',"draining":' .. s.draining .. ',"metrics_updated_at_ms":' .. s.at .. ',"version":' .. text(version) .. ',"registered_at_ms":' .. s.registered ..
',"incarnation":' .. rest
end
local function milliseconds() return text(math.floor(now / 1000)) end
local known = redis.call('HGET', KEYS[2], ARGV[2])
if not known then return -1 end
if ARGV[3] ~= '' and ARGV[3] ~= known then return -2 end
local written = redis.call('GET', KEYS[1])
local s = written and scalars(written)
if not s then return -1 end
local changed, reported = false, false
for n, field in ipairs({ 'health', 'draining', 'm1', 'm2', 'm3' }) do
local given = ARGV[3 + n]
if given ~= '' and given ~= s[field] then
s[field] = given
changed = true
reported = reported or n > 2
end
end
if not changed then return 0 end
if reported then s.at = milliseconds() end
local version = nextVersion(KEYS[4], '')
local address = string.match(written, '^{"url":"[^"]*","port":%d+')
redis.call('SET', KEYS[1], document(address, s, version, s.rest))
redis.call('ZADD', KEYS[3], text(version), ARGV[2])
redis.call('HSET', KEYS[4], 'version', text(version))
if ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], text(version)) end
return 1`,
  },
};
