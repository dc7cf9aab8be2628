-- What has changed since a version: one page.
-- KEYS   leases, versions, removed, meta
-- ARGV   epoch, version of the last change known, version of the last removal known, most changes of a page, time of the last look in µs or '-inf', how many
--        backends are known, or '' where all of them must be named
-- Reply  now in µs, epoch, version, version that was told last, 1 if this begins anew (another epoch, or history is gone), number of expired backends, end of
--        the next lease in µs or '', number of changes, (id, version) of each, number of removals, (reason and id, version) of each, ids whose lease has ended
--        since the last look, a page of them at the most. The number of changes is negative, and none is named, where they are at least half of all and all are
--        known: read them all.
-- O(log n + what changed). Writes nothing.
--!include clock.lua
--!include facts.lua
local meta = facts(KEYS[4], 'epoch', 'version', 'told', 'floor')
local epoch, version, told, floor = meta[2] or 'none', meta[3] or '0', meta[4] or '0', meta[5] or '0'
local since, removedSince, anew, looked = ARGV[2], ARGV[3], 0, ARGV[5]
if epoch ~= ARGV[1] or tonumber(removedSince) < tonumber(floor) or tonumber(removedSince) > tonumber(version) or tonumber(since) > tonumber(version) then
  since, removedSince, anew, looked = '0', version, 1, '-inf'
end
local nowText = text(now)
-- Where the first lease has not ended, none has, and it is the next one to do so.
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
return reply
