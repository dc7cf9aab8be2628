-- Reads one backend with its lease.
-- KEYS   document, heartbeat, leases, meta
-- ARGV   id
-- Reply  now in µs, document or '', heartbeat or '', end of the lease in µs or ''
-- O(1). Writes nothing.
--!include clock.lua
--!include facts.lua
facts(KEYS[4])
return { text(now), redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or '', redis.call('ZSCORE', KEYS[3], ARGV[1]) or '' }
