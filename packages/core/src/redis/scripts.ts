/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: 'c0791493550b49c24d59eed82a841148ed1179c3',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local meta = redis.call('HMGET', KEYS[4], 'epoch', 'version', 'told', 'floor', 'schema')
if meta[5] and meta[5] ~= '1' then error('SCHEMA ' .. meta[5]) end
local epoch, version, told, floor = meta[1] or 'none', meta[2] or '0', meta[3] or '0', meta[4] or '0'
local since, removedSince, anew, looked = ARGV[2], ARGV[3], 0, ARGV[5]
if epoch ~= ARGV[1] or tonumber(removedSince) < tonumber(floor) or tonumber(removedSince) > tonumber(version) or tonumber(since) > tonumber(version) then
since, removedSince, anew, looked = '0', version, 1, '-inf'
end
local nowText = text(now)
local first = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local next, expired, ended = first[2] or '', 0, {}
if first[2] and tonumber(first[2]) <= now then
expired = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
next = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. nowText, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2] or ''
if looked ~= '-inf' then looked = '(' .. looked end
ended = redis.call('ZRANGEBYSCORE', KEYS[1], looked, nowText, 'LIMIT', 0, ARGV[4])
end
local reply = { nowText, epoch, version, told, anew, expired, next }
local removed = {}
if removedSince ~= version then removed = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. removedSince, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4]) end
local changed = {}
local many = 0
if since ~= version then
since = '(' .. since
if #removed == 0 and anew == 0 and tonumber(ARGV[6]) == redis.call('ZCARD', KEYS[2]) then many = redis.call('ZCOUNT', KEYS[2], since, '+inf') end
if many < 32 or 2 * many < tonumber(ARGV[6]) then
many = 0
changed = redis.call('ZRANGEBYSCORE', KEYS[2], since, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
end
end
reply[8] = many > 0 and -many or #changed / 2
for n = 1, #changed do reply[#reply + 1] = changed[n] end
reply[#reply + 1] = #removed / 2
for n = 1, #removed do reply[#reply + 1] = removed[n] end
for n = 1, #ended do reply[#reply + 1] = ended[n] end
return reply`,
  },
  cleanup: {
    sha: '8126db9ab7cfccb4dcf9c2d729396ec56793d961',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function history(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version', 'told', 'schema')
if last[4] and last[4] ~= '1' then error('SCHEMA ' .. last[4]) end
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max(tonumber(last[2]) or 0, now - 1), last[3] or '0'
end
local function newsSince(told) return { told, '' } end
local function tell(meta, channel, version, news)
news[2] = text(version)
redis.call('HSET', meta, 'version', news[2], 'told', news[2])
local message = table.concat(news, '\\t')
if #message > 16384 then message = table.concat(news, '\\t', 1, 2) end
redis.call('PUBLISH', channel, message)
end
local function bury(removed, meta, reason, id, version, news)
version = text(version)
redis.call('ZADD', removed, version, reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
news[#news + 1], news[#news + 2], news[#news + 3] = '-' .. version, id, reason
end
local reply = { '', text(now) }
local before, told = history(KEYS[5], '')
local version, news = before, newsSince(told)
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
bury(KEYS[4], KEYS[5], 'expired', id, version, news)
reply[#reply + 1] = n
reply[#reply + 1] = written
end
end
if version > before then tell(KEYS[5], ARGV[1], version, news) end
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
  documents: {
    sha: '62183e21ba2855110f238e345910aa4289bb2ce9',
    source: `local documents = redis.call('MGET', unpack(KEYS))
for n = 1, #KEYS do documents[n] = documents[n] or '' end
return documents`,
  },
  expired: {
    sha: '6b030053e76dd1023dbff58049068db39c91e4dc',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', ARGV[1], ARGV[2])`,
  },
  heartbeat: {
    sha: '8efa08f9429c002a6ea860358e79f3de6e51ae65',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function idStart(incarnations, kind) return #incarnations - #'registry:incarnations' + #kind + 1 end
local function idsOf(incarnations, kind, first, last)
local from = idStart(incarnations, kind)
local ids = {}
for n = first, last do ids[n - first + 1] = string.sub(KEYS[n], from) end
return ids
end
local count, fenced = #KEYS - 2, #ARGV > 2
local nowText, ends = text(now), text(now + ARGV[2])
local heartbeat = string.format('%d.%06d', time[1], time[2])
local expired = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
local from, sub, keys = idStart(KEYS[2], 'heartbeat:'), string.sub, KEYS
local reply, all = {}, true
for first = 3, count + 2, 100 do
local last = math.min(first + 99, count + 2)
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
local given = ARGV[first + n - 1]
if not known[n] or given ~= '' and given ~= known[n] then plain = false break end
end
end
if plain and redis.call('ZADD', KEYS[1], unpack(leases)) == last - first + 1 then
redis.call('MSET', unpack(beats))
for n = first, last do reply[n - 2] = 1 end
else
ids = ids or idsOf(KEYS[2], 'heartbeat:', first, last)
known = known or redis.call('HMGET', KEYS[2], unpack(ids))
leases, beats, at = {}, {}, 0
for n = 1, #ids do
local given = fenced and ARGV[first + n - 1] or ''
if not known[n] then
reply[first + n - 3], all = 0, false
elseif given ~= '' and given ~= known[n] then
reply[first + n - 3], all = -1, false
else
reply[first + n - 3] = 1
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
if expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired then redis.call('PUBLISH', ARGV[1], '') end
if all then return count end
return reply`,
  },
  register: {
    sha: 'cb4b322533923c8b6d2dfad82d711c1c60fce757',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function idStart(incarnations, kind) return #incarnations - #'registry:incarnations' + #kind + 1 end
local function idsOf(incarnations, kind, first, last)
local from = idStart(incarnations, kind)
local ids = {}
for n = first, last do ids[n - first + 1] = string.sub(KEYS[n], from) end
return ids
end
local function history(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version', 'told', 'schema')
if last[4] and last[4] ~= '1' then error('SCHEMA ' .. last[4]) end
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max(tonumber(last[2]) or 0, now - 1), last[3] or '0'
end
local function newsSince(told) return { told, '' } end
local function tell(meta, channel, version, news)
news[2] = text(version)
redis.call('HSET', meta, 'version', news[2], 'told', news[2])
local message = table.concat(news, '\\t')
if #message > 16384 then message = table.concat(news, '\\t', 1, 2) end
redis.call('PUBLISH', channel, message)
end
local function bury(removed, meta, reason, id, version, news)
version = text(version)
redis.call('ZADD', removed, version, reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
news[#news + 1], news[#news + 2], news[#news + 3] = '-' .. version, id, reason
end
local scalarsPattern = '^{"url":"[^"]*","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function scalars(document)
local address, health, m1, m2, m3, draining, at, registered, rest = string.match(document, scalarsPattern)
if not address then return nil end
return { address = string.sub(document, 1, address - 1), health = health, draining = draining, m1 = m1, m2 = m2, m3 = m3, at = at, registered = registered,
rest = string.sub(document, rest) }
end
local function document(address, s, version, rest)
return address .. ',"health":' .. s.health .. ',"in_flight_requests":' .. s.m1 .. ',"rif_avg_latency":' .. s.m2 .. ',"overall_avg_latency":' .. s.m3 ..
',"draining":' .. s.draining .. ',"metrics_updated_at_ms":' .. s.at .. ',"version":' .. version .. ',"registered_at_ms":' .. s.registered ..
',"incarnation":' .. rest
end
local function write(s, state)
local health, draining, m1, m2, m3 = string.match(state, '^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local told, reported = false, false
if health ~= '' and health ~= s.health then s.health, told = health, true end
if draining ~= '' and draining ~= s.draining then s.draining, told = draining, true end
if m1 ~= '' and m1 ~= s.m1 then s.m1, reported = m1, true end
if m2 ~= '' and m2 ~= s.m2 then s.m2, reported = m2, true end
if m3 ~= '' and m3 ~= s.m3 then s.m3, reported = m3, true end
if reported then s.at = text(math.floor(now / 1000)) end
return told or reported, told
end
local count = (#KEYS - 5) / 2
local ids = idsOf(KEYS[2], 'backend:', 6, 5 + count)
local known = redis.call('HMGET', KEYS[2], unpack(ids))
local written = redis.call('MGET', unpack(KEYS, 6, 5 + count))
local before, told = history(KEYS[5], ARGV[2])
local version = before
local heartbeat = string.format('%d.%06d', time[1], time[2])
local ms = text(math.floor(now / 1000))
local samePattern = '^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local strings, leases, versions, incarnations, exhumed, reply, places = {}, {}, {}, {}, {}, {}, {}
local news, renewed, lease, ends, sign = newsSince(told), false, nil, nil, nil
local texts, beats, changed = 0, 0, 0
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
local head, tail, rest
if life and old and string.sub(old, 1, #address) == address then
head, tail, rest = string.match(old, samePattern, #address + 1)
if rest and string.sub(old, rest, rest + #life - 1) ~= life then rest = nil end
end
local mark = string.byte(incarnation)
incarnation = string.sub(incarnation, 2)
local status, result, at
if life and mark == 33 then
status, result = 'known', ''
elseif rest and (mark ~= 61 or incarnation == life) then
local same = #old - rest + 1 == #life + #declared and string.sub(old, rest + #life) == declared
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
life = incarnation
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
news[3 * changed + 3], news[3 * changed + 4], news[3 * changed + 5] = sign, id, result
texts, changed = texts + 2, changed + 1
end
if status ~= 'known' then
strings[texts + 1], strings[texts + 2] = KEYS[5 + count + n], heartbeat
leases[2 * beats + 1], leases[2 * beats + 2] = ends, id
texts, beats = texts + 2, beats + 1
written[n] = result
end
known[n] = life
reply[2 * n - 1], reply[2 * n] = status, result
end
local nowText = text(now)
local expired = renewed and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) or 0
if #incarnations > 0 then
redis.call('HSET', KEYS[2], unpack(incarnations))
redis.call('ZREM', KEYS[4], unpack(exhumed))
end
if beats > 0 then
redis.call('MSET', unpack(strings))
redis.call('ZADD', KEYS[1], unpack(leases))
end
if version > before then redis.call('ZADD', KEYS[3], unpack(versions)) end
local back = expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired
if version > before then tell(KEYS[5], ARGV[1], version, back and newsSince(told) or news)
elseif back then redis.call('PUBLISH', ARGV[1], '') end
return reply`,
  },
  unregister: {
    sha: '70e3504887a9e4bc3105a9567a9ac4bf50b1ea15',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function history(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version', 'told', 'schema')
if last[4] and last[4] ~= '1' then error('SCHEMA ' .. last[4]) end
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max(tonumber(last[2]) or 0, now - 1), last[3] or '0'
end
local function newsSince(told) return { told, '' } end
local function tell(meta, channel, version, news)
news[2] = text(version)
redis.call('HSET', meta, 'version', news[2], 'told', news[2])
local message = table.concat(news, '\\t')
if #message > 16384 then message = table.concat(news, '\\t', 1, 2) end
redis.call('PUBLISH', channel, message)
end
local function bury(removed, meta, reason, id, version, news)
version = text(version)
redis.call('ZADD', removed, version, reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
news[#news + 1], news[#news + 2], news[#news + 3] = '-' .. version, id, reason
end
local known = redis.call('HGET', KEYS[4], ARGV[2])
if not known then return 0 end
if ARGV[3] ~= '' and ARGV[3] ~= known then return -1 end
local version, told = history(KEYS[7], '')
version = version + 1
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
redis.call('ZREM', KEYS[5], ARGV[2])
local news = newsSince(told)
bury(KEYS[6], KEYS[7], 'unregistered', ARGV[2], version, news)
tell(KEYS[7], ARGV[1], version, news)
return 1`,
  },
  update: {
    sha: '8bfb0afe2a29fd55ae099d6707090cc8c758a760',
    source: `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function idStart(incarnations, kind) return #incarnations - #'registry:incarnations' + #kind + 1 end
local function idsOf(incarnations, kind, first, last)
local from = idStart(incarnations, kind)
local ids = {}
for n = first, last do ids[n - first + 1] = string.sub(KEYS[n], from) end
return ids
end
local function history(meta, epoch)
local last = redis.call('HMGET', meta, 'epoch', 'version', 'told', 'schema')
if last[4] and last[4] ~= '1' then error('SCHEMA ' .. last[4]) end
if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
return math.max(tonumber(last[2]) or 0, now - 1), last[3] or '0'
end
local function newsSince(told) return { told, '' } end
local function tell(meta, channel, version, news)
news[2] = text(version)
redis.call('HSET', meta, 'version', news[2], 'told', news[2])
local message = table.concat(news, '\\t')
if #message > 16384 then message = table.concat(news, '\\t', 1, 2) end
redis.call('PUBLISH', channel, message)
end
local function bury(removed, meta, reason, id, version, news)
version = text(version)
redis.call('ZADD', removed, version, reason .. ' ' .. id)
local tooMany = redis.call('ZCARD', removed) - 10000
if tooMany > 0 then
local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
redis.call('HSET', meta, 'floor', last[2])
redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
end
news[#news + 1], news[#news + 2], news[#news + 3] = '-' .. version, id, reason
end
local scalarsPattern = '^{"url":"[^"]*","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function scalars(document)
local address, health, m1, m2, m3, draining, at, registered, rest = string.match(document, scalarsPattern)
if not address then return nil end
return { address = string.sub(document, 1, address - 1), health = health, draining = draining, m1 = m1, m2 = m2, m3 = m3, at = at, registered = registered,
rest = string.sub(document, rest) }
end
local function document(address, s, version, rest)
return address .. ',"health":' .. s.health .. ',"in_flight_requests":' .. s.m1 .. ',"rif_avg_latency":' .. s.m2 .. ',"overall_avg_latency":' .. s.m3 ..
',"draining":' .. s.draining .. ',"metrics_updated_at_ms":' .. s.at .. ',"version":' .. version .. ',"registered_at_ms":' .. s.registered ..
',"incarnation":' .. rest
end
local function write(s, state)
local health, draining, m1, m2, m3 = string.match(state, '^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local told, reported = false, false
if health ~= '' and health ~= s.health then s.health, told = health, true end
if draining ~= '' and draining ~= s.draining then s.draining, told = draining, true end
if m1 ~= '' and m1 ~= s.m1 then s.m1, reported = m1, true end
if m2 ~= '' and m2 ~= s.m2 then s.m2, reported = m2, true end
if m3 ~= '' and m3 ~= s.m3 then s.m3, reported = m3, true end
if reported then s.at = text(math.floor(now / 1000)) end
return told or reported, told
end
local count = #KEYS - 3
local ids = idsOf(KEYS[1], 'backend:', 4, 3 + count)
local known = redis.call('HMGET', KEYS[1], unpack(ids))
local written = redis.call('MGET', unpack(KEYS, 4, 3 + count))
local reply, rows, changed = {}, {}, {}
for n = 1, count do
local id, incarnation, life = ids[n], ARGV[2 * n], known[n]
local row = rows[id]
if not row then
row = life and written[n] and scalars(written[n])
if row then
row.key = KEYS[3 + n]
rows[id] = row
end
end
if not life then
reply[n] = -1
elseif incarnation ~= '' and incarnation ~= life then
reply[n] = -2
elseif not row then
reply[n] = -1
else
local wrote, told = write(row, ARGV[2 * n + 1])
reply[n] = wrote and 1 or 0
row.told = row.told or told
if wrote and not row.changed then
row.changed = true
changed[#changed + 1] = id
end
end
end
if #changed > 0 then
local version, told = history(KEYS[3], '')
local strings, versions, news = {}, {}, newsSince(told)
for n, id in ipairs(changed) do
local row = rows[id]
version = version + 1
local at = text(version)
local result = document(row.address, row, at, row.rest)
strings[2 * n - 1], strings[2 * n] = row.key, result
versions[2 * n - 1], versions[2 * n] = at, id
if row.told then news[#news + 1], news[#news + 2], news[#news + 3] = '=', id, result end
end
redis.call('MSET', unpack(strings))
redis.call('ZADD', KEYS[2], unpack(versions))
if #news > 2 then tell(KEYS[3], ARGV[1], version, news)
else redis.call('HSET', KEYS[3], 'version', text(version)) end
end
return reply`,
  },
};
