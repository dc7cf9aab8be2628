-- Copies backends of another store: registers those that are absent, brings earlier copies up to date, and leaves alone what was announced or changed here.
-- KEYS   leases, incarnations, versions, removed, meta, copies; then the document of each backend; then the heartbeat of each
-- ARGV   channel, a random epoch or '' to write nothing, a name of this call; then for each backend: its incarnation as JSON, its version there, end of its
--        lease in µs, time of its last heartbeat in s, what stands in its document before its version, and after it, and its last heartbeat as it is there
-- Reply  now in µs; then for each backend: status, its version here or ''
-- O(log n) a backend. Repeated, it finds the name of the call in what it left in copies, and gives the same answer. Without backends, it tells the time.
--!include ../../lua/clock.lua
--!include ../../lua/ids.lua
--!include ../../lua/history.lua
local count = (#KEYS - 6) / 2
local reply = { text(now) }
if count == 0 then
  facts(KEYS[5])
  return reply
end
local ids = idsOf(KEYS[2], 'backend:', 7, 6 + count)
local known = redis.call('HMGET', KEYS[2], unpack(ids))
local copies = redis.call('HMGET', KEYS[6], unpack(ids))
local strings = redis.call('MGET', unpack(KEYS, 7))
local ends = redis.call('ZMSCORE', KEYS[1], unpack(ids))
local versions = redis.call('ZMSCORE', KEYS[3], unpack(ids))
local before, news = history(KEYS[5], '', KEYS[1], KEYS[3], KEYS[4])
local version = before
local texts, leases, changed, incarnations, exhumed, left = {}, {}, {}, {}, {}, {}
local renewed = false
for n = 1, count do
  local id, a = ids[n], 7 * n - 3
  local life, there, ending, beat = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3]
  local lease = tonumber(ending)
  -- What an earlier copy has left: its call and what that answered, version here and there, heartbeat here and there, incarnation.
  local call, said, at, copied, beaten, heard, who
  if copies[n] then call, said, at, copied, beaten, heard, who = string.match(copies[n], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$') end
  -- Nobody has beaten here since, and nobody has changed it.
  local unheard = known[n] and beaten and beaten == strings[count + n]
  local untouched = unheard and tonumber(at) == tonumber(versions[n])
  local status, longer = 'present', false
  if call == ARGV[3] then
    status = said
  elseif lease <= now then
    status = 'expired'
  elseif not known[n] then
    -- Its version is the time at which it left.
    local gone = redis.call('ZSCORE', KEYS[4], 'unregistered ' .. id)
    if gone and (who == life or tonumber(gone) > tonumber(beat) * 1000000) then
      status = 'unregistered'
    elseif redis.call('EXISTS', KEYS[6 + n], KEYS[6 + count + n]) > 0 then
      status = 'foreign'
    else
      status = 'restored'
    end
  elseif untouched and tonumber(there) > tonumber(copied) then
    status = 'updated'
  elseif unheard and who == life and tonumber(there) >= tonumber(copied) then
    -- Where it has not beaten there, the answers were a little faster, and no more.
    longer = lease > tonumber(ends[n] or 0) and heard ~= ARGV[a + 6]
    if untouched then status = longer and 'renewed' or 'unchanged' end
  elseif tonumber(ends[n] or 0) <= now and (tonumber(strings[count + n]) or 0) < tonumber(beat) and tonumber(there) >= (tonumber(copied) or 0) then
    -- Nothing lives here that it could overwrite.
    status = 'updated'
  end
  local written = call ~= ARGV[3] and (status == 'restored' or status == 'updated')
  if written then
    version = version + 1
    at = text(version)
    local result = ARGV[a + 4] .. at .. ARGV[a + 5]
    texts[#texts + 1], texts[#texts + 2] = KEYS[6 + n], result
    changed[#changed + 1], changed[#changed + 2] = at, id
    incarnations[#incarnations + 1], incarnations[#incarnations + 2] = id, life
    exhumed[#exhumed + 1], exhumed[#exhumed + 2] = 'unregistered ' .. id, 'expired ' .. id
    news[#news + 1], news[#news + 2], news[#news + 3] = '+' .. ending, id, result
    copied = there
  end
  if written or longer then
    renewed = renewed or longer
    texts[#texts + 1], texts[#texts + 2] = KEYS[6 + count + n], beat
    leases[#leases + 1], leases[#leases + 2] = ending, id
    left[#left + 1], left[#left + 2] = id, table.concat({ ARGV[3], status, at, copied, beat, ARGV[a + 6], life }, ' ')
  end
  reply[2 * n], reply[2 * n + 1] = status, at or ''
end
if #leases == 0 or ARGV[2] == '' then return reply end
local nowText = text(now)
local expired = renewed and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) or 0
-- The first write is one that a full server refuses: after one that it takes, it would take them all.
if #incarnations > 0 then
  if news[1] == '' then
    news[1] = ARGV[2]
    redis.call('HSET', KEYS[5], 'schema', '1', 'epoch', news[1], 'floor', '0')
  end
  keep(KEYS[5], version, news)
else
  redis.call('ZADD', KEYS[1], unpack(leases))
end
-- Nothing lasts any longer by it yet: a user who may not do this is stopped before there is anything of a backend.
redis.call('EXPIRE', KEYS[6], 86400)
if #incarnations > 0 then
  redis.call('ZADD', KEYS[3], unpack(changed))
  redis.call('ZADD', KEYS[1], unpack(leases))
  redis.call('ZREM', KEYS[4], unpack(exhumed))
end
redis.call('MSET', unpack(texts))
if #incarnations > 0 then redis.call('HSET', KEYS[2], unpack(incarnations)) end
-- Only whoever copies again within a day needs them.
redis.call('HSET', KEYS[6], unpack(left))
redis.call('EXPIRE', KEYS[6], 86400)
-- Who came back without a change is not in the news: then everybody looks.
local back = expired > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', nowText) < expired
if version > before then tell(ARGV[1], back and { news[1], news[2], news[3] } or news)
elseif back then redis.call('PUBLISH', ARGV[1], news[1]) end
return reply
