-- Where the id begins in the name of a key, whatever prefix a client has put before our own.
local function idStart(incarnations, kind) return #incarnations - #'registry:incarnations' + #kind + 1 end

-- The ids of the backends whose keys these are.
local function idsOf(incarnations, kind, first, last)
  local from = idStart(incarnations, kind)
  local ids = {}
  for n = first, last do ids[n - first + 1] = string.sub(KEYS[n], from) end
  return ids
end
