-- The admin port: the agent's way to say what is served and to read the counts. JSON in and out.
--
--   GET    /generation          { generation, filled }
--   PUT    /sites               { generation, sites: [site] }   the whole table; sites that are not in it are dropped
--   PUT    /sites/ID            site
--   PATCH  /sites/ID            { upstream, suspended }          hosts and certificates stay
--   DELETE /sites/ID
--   GET    /stats?since=MS      { generation, now, sites: { ID: counts } }
--
-- A site is { id, upstream: "10.64.0.2:8080" or null, suspended, hosts: [{ name, redirectToHttps, chain, key }] }.
-- `upstream: null` sends every request to the gate first: the way to let a site fall asleep without losing one. What
-- can't be used is answered 400 with { message }, and the former entry stays; a `generation` that is given and is not
-- the present one 409.
local cjson = require('cjson.safe')
local certificate = require('edge.certificate')
local directory = require('edge.directory')
local stats = require('edge.stats')

local admin = {}

local function refuse(status, message)
  error({ status = status, message = message })
end

local function check(holds, message)
  if not holds then refuse(400, message) end
end

local function body()
  ngx.req.read_body()
  local document, fault = cjson.decode(ngx.req.get_body_data() or '')
  if type(document) ~= 'table' then refuse(400, 'no JSON object: ' .. tostring(fault)) end
  return document
end

local function check_id(id)
  check(type(id) == 'string' and #id <= 64 and id:find('^%w[%w_-]*$'), 'id: impossible')
end

local function check_pointer(site)
  if site.upstream == cjson.null then site.upstream = nil end
  local upstream = site.upstream
  check(upstream == nil or (type(upstream) == 'string' and upstream:find('^%d+%.%d+%.%d+%.%d+:%d+$')), 'upstream: not an address and port')
  check(type(site.suspended) == 'boolean', 'suspended: not a boolean')
end

local function check_host(host)
  check(type(host) == 'table', 'hosts: not objects')
  local name = host.name
  check(type(name) == 'string' and #name <= 253 and name:find('^[%l%d][%l%d.-]*$'), 'name: impossible')
  check(type(host.redirectToHttps) == 'boolean', name .. ': redirectToHttps: not a boolean')
  check(type(host.chain) == 'string' and type(host.key) == 'string', name .. ': no chain or key')
  local fault = certificate.fault(host.chain, host.key)
  check(not fault, name .. ': ' .. tostring(fault))
end

local function check_site(site)
  check(type(site) == 'table', 'a site is not an object')
  check_id(site.id)
  check_pointer(site)
  check(type(site.hosts) == 'table', 'hosts: not an array')
  for _, host in ipairs(site.hosts) do check_host(host) end
end

local function check_generation(document)
  local generation = document.generation
  if generation and generation ~= directory.generation() then refuse(409, 'generation: not the present one') end
end

-- Gives way to visitors whenever long work has taken some milliseconds.
local WORK_SECONDS = 0.004

local function breathing()
  ngx.update_time()
  local since = ngx.now()
  return function()
    ngx.update_time()
    if ngx.now() - since < WORK_SECONDS then return end
    ngx.sleep(0)
    since = ngx.now()
  end
end

local function put_table()
  local document = body()
  check_generation(document)
  check(type(document.sites) == 'table', 'sites: not an array')
  local wanted, breathe = {}, breathing()
  for _, site in ipairs(document.sites) do
    check_site(site)
    wanted[site.id] = true
    breathe()
  end
  for _, site in ipairs(document.sites) do
    directory.put(site)
    breathe()
  end
  for _, id in ipairs(directory.ids()) do
    if not wanted[id] then
      directory.remove(id)
      stats.forget(id)
    end
  end
  directory.set_filled()
end

local function put_site(id)
  local site = body()
  check_generation(site)
  check_site(site)
  check(site.id == id, 'id: not the one of the address')
  directory.put(site)
end

local function patch_site(id)
  local change = body()
  check_generation(change)
  check_pointer(change)
  if not directory.has(id) then refuse(404, 'no such site') end
  directory.point(id, change.upstream, change.suspended)
end

local function delete_site(id)
  directory.remove(id)
  stats.forget(id)
end

local function generation()
  return { generation = directory.generation(), filled = directory.is_filled() }
end

local function report()
  return stats.report(tonumber(ngx.var.arg_since) or 0)
end

local COLLECTIONS = {
  ['GET /generation'] = generation,
  ['PUT /sites'] = put_table,
  ['GET /stats'] = report,
}
local ITEMS = { PUT = put_site, PATCH = patch_site, DELETE = delete_site }

local function answer()
  local method, path = ngx.req.get_method(), ngx.var.uri
  local id = path:match('^/sites/([%w_-]+)$')
  local handler = id and ITEMS[method] or COLLECTIONS[method .. ' ' .. path]
  if not handler then refuse(404, 'no such resource') end
  return handler(id)
end

function admin.run()
  local ok, result = pcall(answer)
  ngx.header['Content-Type'] = 'application/json'
  if ok and result == nil then
    ngx.status = 204
    return
  end
  if not ok then
    local known = type(result) == 'table'
    ngx.status = known and result.status or 500
    if not known then ngx.log(ngx.ERR, result) end
    result = { message = known and result.message or 'internal' }
  end
  ngx.print(cjson.encode(result))
end

return admin
