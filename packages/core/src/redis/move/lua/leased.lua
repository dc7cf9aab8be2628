-- Who has a lease, those first that end first.
-- KEYS   leases
-- ARGV   how many of them to pass over, how many at the most
-- Reply  their ids
-- O(log n + how many of both). Writes nothing.
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '+inf', 'LIMIT', ARGV[1], ARGV[2])
