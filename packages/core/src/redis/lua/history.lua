-- Versions and the bell. Needs clock.lua. A version follows the last one, and grows with time, so that it still grows after a failover lost the last ones.
local function nextVersion(meta, epoch)
  local last = redis.call('HMGET', meta, 'epoch', 'version')
  if not last[1] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
  return math.max((tonumber(last[2]) or 0) + 1, now)
end

-- Leaves a tombstone. The oldest go when there are too many, and whoever knows less than the floor starts over.
local function bury(removed, meta, reason, id, version)
  redis.call('ZADD', removed, text(version), reason .. ' ' .. id)
  local tooMany = redis.call('ZCARD', removed) - 10000
  if tooMany > 0 then
    local last = redis.call('ZRANGE', removed, tooMany - 1, tooMany - 1, 'WITHSCORES')
    redis.call('HSET', meta, 'floor', last[2])
    redis.call('ZREMRANGEBYRANK', removed, 0, tooMany - 1)
  end
end
