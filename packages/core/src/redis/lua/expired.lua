-- Which backends have expired, those that expired first coming first.
-- KEYS   leases
-- ARGV   how many at the most
-- Reply  their ids
-- O(log n + how many). Writes nothing.
--!include clock.lua
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', 0, ARGV[1])
