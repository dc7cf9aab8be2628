-- The ids of backends, from the names of their keys, whatever prefix a client has put before our own.
local function idsOf(incarnations, kind, first, last)
  local from = #incarnations - #'registry:incarnations' + #kind + 1
  local ids = {}
  for n = first, last do ids[n - first + 1] = string.sub(KEYS[n], from) end
  return ids
end
