-- A document is canonical text: state scalars in fixed order, then the incarnation, then what the client wrote. Only the scalars are ever taken apart, so
-- nothing that a user wrote passes through Lua's numbers or a JSON parser.
local function scalars(document)
  local port, health, m1, m2, m3, draining, at, version, registered, rest = string.match(document,
    '^{"url":"[^"]*","port":(%d+),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":(%d+),"registered_at_ms":([^,]+),"incarnation":(.*)$')
  if not port then return nil end
  return { health = health, m1 = m1, m2 = m2, m3 = m3, draining = draining, at = at, registered = registered, rest = rest }
end

local function document(address, s, version, rest)
  return address .. ',"health":' .. s.health .. ',"in_flight_requests":' .. s.m1 .. ',"rif_avg_latency":' .. s.m2 .. ',"overall_avg_latency":' .. s.m3 ..
    ',"draining":' .. s.draining .. ',"metrics_updated_at_ms":' .. s.at .. ',"version":' .. text(version) .. ',"registered_at_ms":' .. s.registered ..
    ',"incarnation":' .. rest
end

local function milliseconds() return text(math.floor(now / 1000)) end
