-- Who is served: hosts, sites and certificates in shared memory. Written by the admin port only, read by every request.
--
--   hosts         host name      -> "<site id> <redirect to https: 1 or 0> <version of the certificate>"
--   certificates  host name      -> PEM chain, one NUL byte, PEM key
--   sites         site id        -> "<upstream or -> <suspended: 1 or 0>"
--                 "@" .. site id -> names of its hosts, separated by spaces
--   meta          generation, filled
local directory = {}

local hosts = ngx.shared.hosts
local certificates = ngx.shared.certificates
local sites = ngx.shared.sites
local meta = ngx.shared.meta

-- Called by nginx's master. Shared memory outlives a reload, and so does the generation.
function directory.begin()
  local file = assert(io.open('/dev/urandom', 'rb'))
  local bytes = file:read(12)
  file:close()
  local hex = bytes:gsub('.', function(byte) return string.format('%02x', byte:byte()) end)
  meta:safe_add('generation', hex)
end

-- Random per start of nginx: tells the agent that the table is empty again.
function directory.generation()
  return meta:get('generation')
end

-- Whether a whole table was ever given. Before that an unknown name says nothing.
function directory.is_filled()
  return meta:get('filled') == true
end

function directory.set_filled()
  meta:set('filled', true)
end

-- Site id, whether plain http is redirected, version of the certificate; nil for an unknown host.
function directory.host(name)
  local entry = hosts:get(name)
  if not entry then return nil end
  local site, redirect, version = entry:match('^(%S+) (%d) (%S+)$')
  return site, redirect == '1', version
end

-- Address and port of the current instance (nil: ask the gate first), and whether the site is suspended.
function directory.site(id)
  local entry = sites:get(id)
  if not entry then return nil, false end
  local upstream, suspended = entry:match('^(%S+) (%d)$')
  if upstream == '-' then upstream = nil end
  return upstream, suspended == '1'
end

-- PEM chain and PEM key.
function directory.certificate(name)
  local entry = certificates:get(name)
  if not entry then return nil end
  local zero = entry:find('\0', 1, true)
  return entry:sub(1, zero - 1), entry:sub(zero + 1)
end

-- Throws when the memory is full: an older entry is never thrown out for a newer one.
local function store(dictionary, key, value)
  local ok, reason = dictionary:safe_set(key, value)
  if not ok then error({ status = 507, message = 'out of shared memory: ' .. tostring(reason) }) end
end

local function store_host(id, host)
  local pem = host.chain .. '\0' .. host.key
  local version = ngx.md5(pem)
  local _, _, present = directory.host(host.name)
  if present ~= version then store(certificates, host.name, pem) end
  store(hosts, host.name, id .. ' ' .. (host.redirectToHttps and '1' or '0') .. ' ' .. version)
end

-- A name may have moved to another site meanwhile: that one's entry stays.
local function drop_host(id, name)
  if directory.host(name) == id then
    hosts:delete(name)
    certificates:delete(name)
  end
end

-- Where requests go; what the site is called stays as it is.
function directory.point(id, upstream, suspended)
  store(sites, id, (upstream or '-') .. ' ' .. (suspended and '1' or '0'))
end

-- Adds or replaces a site with its hosts.
function directory.put(site)
  directory.point(site.id, site.upstream, site.suspended)
  local names, wanted = {}, {}
  for _, host in ipairs(site.hosts) do
    store_host(site.id, host)
    names[#names + 1] = host.name
    wanted[host.name] = true
  end
  local before = sites:get('@' .. site.id) or ''
  store(sites, '@' .. site.id, table.concat(names, ' '))
  for name in before:gmatch('%S+') do
    if not wanted[name] then drop_host(site.id, name) end
  end
end

function directory.remove(id)
  for name in (sites:get('@' .. id) or ''):gmatch('%S+') do drop_host(id, name) end
  sites:delete('@' .. id)
  sites:delete(id)
end

function directory.has(id)
  return sites:get(id) ~= nil
end

-- Ids of all sites.
function directory.ids()
  local ids = {}
  for _, key in ipairs(sites:get_keys(0)) do
    if key:byte() ~= 64 then ids[#ids + 1] = key end
  end
  return ids
end

return directory
