-- The time of the server: microseconds since the epoch as a number, exact in a double until the year 2255.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
-- In two parts: whole numbers are written three times as fast as doubles, and each part fits into any machine's.
local function text(number)
  local high = math.floor(number / 1000000)
  return string.format('%d%06d', high, number - high * 1000000)
end
