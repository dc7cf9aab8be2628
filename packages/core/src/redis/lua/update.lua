-- Writes state of one backend: health, drain or metrics.
-- KEYS   document, incarnations, versions, meta
-- ARGV   channel, or '' for no bell; id; its incarnation as JSON or ''; health, draining and the three metrics, '' each for what is left alone
-- Reply  1 updated, 0 unchanged, -1 unknown, -2 fenced
-- O(log n). Repeated, it is unchanged. Does not touch the lease.
--!include clock.lua
--!include history.lua
--!include document.lua
local known = redis.call('HGET', KEYS[2], ARGV[2])
if not known then return -1 end
if ARGV[3] ~= '' and ARGV[3] ~= known then return -2 end
local written = redis.call('GET', KEYS[1])
local s = written and scalars(written)
if not s then return -1 end
local changed, reported = false, false
for n, field in ipairs({ 'health', 'draining', 'm1', 'm2', 'm3' }) do
  local given = ARGV[3 + n]
  if given ~= '' and given ~= s[field] then
    s[field] = given
    changed = true
    reported = reported or n > 2
  end
end
if not changed then return 0 end
if reported then s.at = milliseconds() end
local version = nextVersion(KEYS[4], '')
local address = string.match(written, '^{"url":"[^"]*","port":%d+')
redis.call('SET', KEYS[1], document(address, s, version, s.rest))
redis.call('ZADD', KEYS[3], text(version), ARGV[2])
redis.call('HSET', KEYS[4], 'version', text(version))
if ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], text(version)) end
return 1
