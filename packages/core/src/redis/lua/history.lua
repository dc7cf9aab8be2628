-- Versions, tombstones and news. Needs clock.lua.
-- A command that the ACL of the user does not allow stops a script where it stands, and what is written stays. So every script writes in an order in which the
-- same call, made again by a user who may, finds what is missing: the version first, then the index, the documents, who is registered, and the news at the end.
-- What removes begins with the documents, and ends in the same way.
--!include facts.lua

-- The version before the next one, and the beginning of the news. A version follows the last one, and grows with time, so that it still grows after a failover
-- lost the last ones. A key of a wrong type is an error here, before anything is written.
local function history(meta, epoch, ...)
  local last = facts(meta, 'epoch', 'version', 'told')
  for _, key in ipairs({ ... }) do redis.call('ZCARD', key) end
  if not last[2] and epoch ~= '' then redis.call('HSET', meta, 'schema', '1', 'epoch', epoch, 'floor', '0') end
  return math.max(tonumber(last[3]) or 0, now - 1), { last[2] or epoch, last[4] or '0', '' }
end

-- Keeps the version of what will be told. A version that nothing has does no harm; a change above it would be found by nobody.
local function keep(meta, version, news)
  news[3] = text(version)
  redis.call('HSET', meta, 'version', news[3], 'told', news[3])
end

-- Tells the news, with tabs between their parts: the epoch, the version that was told before, the one that was kept, and the changes. What would be long is left
-- out: whoever is told of no change looks.
local function tell(channel, news)
  -- Counted before it is put together: a long text takes the server longer than anything else here.
  local length = #news - 1
  for _, part in ipairs(news) do length = length + #part end
  redis.call('PUBLISH', channel, table.concat(news, '\t', 1, length > 16384 and 3 or #news))
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
