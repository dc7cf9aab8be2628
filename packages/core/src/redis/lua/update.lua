-- Writes state of backends, in order: health, drain or metrics.
-- KEYS   incarnations, versions, meta; then the document of each backend
-- ARGV   channel; then for each backend: its incarnation as JSON or '', state ("health,draining,m1,m2,m3" with nothing for what is left alone)
-- Reply  for each backend: 1 updated, 0 unchanged, -1 unknown, -2 fenced
-- O(log n) a backend. Repeated, it is unchanged. Does not touch the lease. Metrics are not told: they would wake every proxy for every request.
--!include clock.lua
--!include ids.lua
--!include history.lua
--!include document.lua
local count = #KEYS - 3
local version, news = history(KEYS[3], '', KEYS[2])
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
  local strings, versions = {}, {}
  for n, id in ipairs(changed) do
    local row = rows[id]
    version = version + 1
    local at = text(version)
    local result = document(row.address, row, at, row.rest)
    strings[2 * n - 1], strings[2 * n] = row.key, result
    versions[2 * n - 1], versions[2 * n] = at, id
    if row.told then news[#news + 1], news[#news + 2], news[#news + 3] = '=', id, result end
  end
  local isTold = #news > 3
  if isTold then keep(KEYS[3], version, news)
  else redis.call('HSET', KEYS[3], 'version', text(version)) end
  redis.call('ZADD', KEYS[2], unpack(versions))
  redis.call('MSET', unpack(strings))
  if isTold then tell(ARGV[1], news) end
end
return reply
