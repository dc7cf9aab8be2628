-- The time of the server: microseconds since the epoch as a number, exact in a double until the year 2255.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
