local nowText = text(now)
-- When the next lease ends that has not ended yet. Watchers wake then: one that ends sooner than they know must be told. By its rank, which a user who only writes
-- may ask for.
local function nextEnd()
  local ended = redis.call('ZCOUNT', KEYS[1], '-inf', nowText)
  return tonumber(redis.call('ZRANGE', KEYS[1], ended, ended, 'WITHSCORES')[2]) or math.huge
end
