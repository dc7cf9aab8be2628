-- Which backends have expired, those that expired first coming first.
-- KEYS   leases
-- ARGV   how many of them to pass over, how many at the most
-- Reply  their ids
-- O(log n + how many of both). Writes nothing.
--!include clock.lua
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', ARGV[1], ARGV[2])
