-- One step of SCAN.
-- KEYS   none: it goes through all of them, and therefore cannot lock only its own
-- ARGV   cursor, pattern, how many keys to look at
-- Reply  the next cursor, then the keys that were found
-- O(how many). Writes nothing.
local step = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
table.insert(step[2], 1, step[1])
return step[2]
