-- Reads documents. MGET itself would be answered by a replica that may lag; a script never is.
-- KEYS   what to read
-- Reply  the text of each, or nothing
-- O(how many). Writes nothing.
return redis.call('MGET', unpack(KEYS))
