-- What has changed since a version: one page.
-- KEYS   leases, versions, removed, meta
-- ARGV   epoch, version of the last change known, version of the last removal known, most changes of a page, time of the last look in µs or '-inf'
-- Reply  now in µs, epoch, version, 1 if this begins anew (another epoch, or history is gone), number of expired backends, end of the next lease in µs or '',
--        number of changes, (id, version) of each, number of removals, (reason and id, version) of each, ids whose lease has ended since the last look
-- O(log n + what changed). Writes nothing.
--!include clock.lua
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
return reply
