-- Removes one backend.
-- KEYS   document, heartbeat, leases, incarnations, versions, removed, meta
-- ARGV   channel, id, its incarnation as JSON or ''
-- Reply  1 unregistered, 0 unknown, -1 fenced
-- O(log n). Repeated, it is unknown.
--!include clock.lua
--!include history.lua
local version, news = history(KEYS[7], '', KEYS[3], KEYS[5], KEYS[6])
local known = redis.call('HGET', KEYS[4], ARGV[2])
-- A part of the index that somebody has left is removed too.
if not known and not redis.call('ZSCORE', KEYS[3], ARGV[2]) and not redis.call('ZSCORE', KEYS[5], ARGV[2]) then return 0 end
if ARGV[3] ~= '' and ARGV[3] ~= known then return -1 end
version = version + 1
-- It makes room: the first command is the one that a full server must take.
redis.call('DEL', KEYS[1], KEYS[2])
bury(KEYS[6], KEYS[7], 'unregistered', ARGV[2], version, news)
keep(KEYS[7], version, news)
redis.call('ZREM', KEYS[5], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
tell(ARGV[1], news)
return 1
