-- Reads documents with what the index says of them. A script is answered by the primary, also where the client reads from replicas, which may lag.
-- KEYS   versions; then the document of each backend
-- ARGV   the id of each
-- Reply  for each: its version or '' where it is not registered, its document or ''
-- O(how many). Writes nothing.
local documents = redis.call('MGET', unpack(KEYS, 2))
local versions = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local reply = {}
for n = 1, #ARGV do reply[2 * n - 1], reply[2 * n] = versions[n] or '', documents[n] or '' end
return reply
