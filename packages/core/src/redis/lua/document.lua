-- A document is canonical text: its address, state scalars in fixed order, then the incarnation, then what the client wrote. Only the scalars are ever taken
-- apart, so nothing that a user wrote passes through Lua's numbers or a JSON parser.
local scalarsPattern = '^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'

local function scalars(document)
  local address, health, m1, m2, m3, draining, at, registered, rest = string.match(document, scalarsPattern)
  if not address then return nil end
  return { address = string.sub(document, 1, address - 1), health = health, draining = draining, m1 = m1, m2 = m2, m3 = m3, at = at, registered = registered,
    rest = string.sub(document, rest) }
end

local function document(address, s, version, rest)
  return address .. ',"health":' .. s.health .. ',"in_flight_requests":' .. s.m1 .. ',"rif_avg_latency":' .. s.m2 .. ',"overall_avg_latency":' .. s.m3 ..
    ',"draining":' .. s.draining .. ',"metrics_updated_at_ms":' .. s.at .. ',"version":' .. version .. ',"registered_at_ms":' .. s.registered ..
    ',"incarnation":' .. rest
end

-- Writes given state, "health,draining,m1,m2,m3" with nothing for what is left alone, into scalars: whether anything has changed, and whether it was more
-- than metrics.
local function write(s, state)
  local health, draining, m1, m2, m3 = string.match(state, '^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
  local told, reported = false, false
  if health ~= '' and health ~= s.health then s.health, told = health, true end
  if draining ~= '' and draining ~= s.draining then s.draining, told = draining, true end
  if m1 ~= '' and m1 ~= s.m1 then s.m1, reported = m1, true end
  if m2 ~= '' and m2 ~= s.m2 then s.m2, reported = m2, true end
  if m3 ~= '' and m3 ~= s.m3 then s.m3, reported = m3, true end
  if reported then s.at = text(math.floor(now / 1000)) end
  return told or reported, told
end
