-- Reads documents. A script is answered by the primary, also where the client reads from replicas, which may lag.
-- KEYS   what to read
-- ARGV   none
-- Reply  the text of each, or ''
-- O(how many). Writes nothing.
local documents = redis.call('MGET', unpack(KEYS))
for n = 1, #KEYS do documents[n] = documents[n] or '' end
return documents
