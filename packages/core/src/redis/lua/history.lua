-- Versions, tombstones and news. Needs clock.lua.

-- The version before the next one, and the one that was told last. A version follows the last one, and grows with time, so that it still grows after a
-- failover lost the last ones.
local function history(meta, epoch)
  local last = redis.call('HMGET', meta, 'epoch', 'version', 'told', 'schema')
  if last[4] and last[4] ~= '1' then error('SCHEMA ' .. last[4]) end
  if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
  return math.max(tonumber(last[2]) or 0, now - 1), last[3] or '0'
end

-- News begin with the version that was told before and the new one, whose place is kept free; then come the changes.
local function newsSince(told) return { told, '' } end

-- Keeps the version, and tells the news, with tabs between their parts. What would be long is left out: whoever is told of no change looks.
local function tell(meta, channel, version, news)
  news[2] = text(version)
  redis.call('HSET', meta, 'version', news[2], 'told', news[2])
  local message = table.concat(news, '\t')
  if #message > 16384 then message = table.concat(news, '\t', 1, 2) end
  redis.call('PUBLISH', channel, message)
end

-- Leaves a tombstone. The oldest go when there are too many, and whoever knows less than the floor starts over.
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
