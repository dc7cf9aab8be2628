-- What has changed since a version: one page.
-- KEYS   leases, versions, removed, meta
-- ARGV   epoch, version of the last change known, version of the last removal known, most changes of a page, time of the last look in µs or '-inf', how many
--        backends are known: of 0, changes are named without their versions, on pages four times as long; of '', each is named with its version
-- Reply  now in µs, epoch, version, version that was told last, 1 if this begins anew (another epoch, or history is gone), number of expired backends, end of
--        the next lease in µs or ''. No more where nothing is to be told, else: version up to which changes are named, version up to which removals are, how many
--        changes are not named because they are at least half of all, and all are known: read them all. Then texts with tabs between: id and version of each
--        change, or its id alone; reason and id, and version of each removal; ids whose lease has ended since the last look, a page of them at the most
-- O(log n + what changed). Writes nothing. A reply of many parts takes the server and its client longer than all that is in it: hence the texts.
--!include clock.lua
--!include facts.lua
local meta = facts(KEYS[4], 'epoch', 'version', 'told', 'floor')
local epoch, version, told, floor = meta[2] or 'none', meta[3] or '0', meta[4] or '0', meta[5] or '0'
local since, removedSince, anew, looked, known = ARGV[2], ARGV[3], 0, ARGV[5], tonumber(ARGV[6])
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
local removed, removedUpTo = {}, version
if removedSince ~= version then
  removed = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. removedSince, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
  if #removed == 2 * ARGV[4] then removedUpTo = removed[#removed] end
end
local changed, upTo, many = {}, version, 0
if since ~= version then
  since = '(' .. since
  if known == 0 then
    changed = redis.call('ZRANGEBYSCORE', KEYS[2], since, '+inf', 'LIMIT', 0, 4 * ARGV[4])
    if #changed == 4 * ARGV[4] then upTo = redis.call('ZSCORE', KEYS[2], changed[#changed]) end
  else
    if #removed == 0 and anew == 0 and known == redis.call('ZCARD', KEYS[2]) then many = redis.call('ZCOUNT', KEYS[2], since, '+inf') end
    if many < 32 or 2 * many < known then
      many = 0
      changed = redis.call('ZRANGEBYSCORE', KEYS[2], since, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
      if #changed == 2 * ARGV[4] then upTo = changed[#changed] end
    end
  end
end
if many + #changed + #removed + #ended == 0 then return { nowText, epoch, version, told, anew, expired, next } end
return { nowText, epoch, version, told, anew, expired, next, upTo, removedUpTo, many, table.concat(changed, '\t'), table.concat(removed, '\t'),
  table.concat(ended, '\t') }
