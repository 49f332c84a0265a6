-- Counts per site, in shared memory; they grow until nginx ends, and the agent takes differences.
--
--   requests:<site>  failed:<site> (5xx)  active:<site> (last activity, ms since 1970)  latency<n>:<site>
--   flying<worker>:<site>    requests in flight, WebSockets too
--
-- What is in flight is kept per worker: a worker that died takes its part with it.
local directory = require('edge.directory')
local spool = require('edge.spool')

local stats = {}

local counts = ngx.shared.stats

-- Upper bounds of the latency classes, ms; the agent reads the same list (LATENCY_BOUNDS_MS of its contract).
local BOUNDS_MS = { 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000 }

local function now_ms()
  return math.floor(ngx.now() * 1000)
end

local function sum_of_workers(name, site)
  local sum = 0
  for worker = 0, ngx.worker.count() - 1 do sum = sum + (counts:get(name .. worker .. ':' .. site) or 0) end
  return sum
end

-- Takes a request of a site in; false when there is no room for its body.
function stats.begin(site)
  if not spool.reserve(site) then return false end
  counts:incr('flying' .. ngx.worker.id() .. ':' .. site, 1, 0)
  counts:set('active:' .. site, now_ms())
  ngx.var.site = site
  return true
end

-- Milliseconds until the site's answer began, over all tries; nil when no site answered.
local function answer_ms(var)
  local sum
  for seconds in (var.upstream_header_time or ''):gmatch('[%d.]+') do sum = (sum or 0) + tonumber(seconds) * 1000 end
  return sum
end

local function latency_class(ms)
  for class, bound in ipairs(BOUNDS_MS) do
    if ms <= bound then return class end
  end
  return #BOUNDS_MS + 1
end

-- The log phase of every request.
function stats.finish()
  local var = ngx.var
  local site = var.site
  if site == '' then return end
  counts:incr('flying' .. ngx.worker.id() .. ':' .. site, -1, 0)
  spool.release(site)
  counts:set('active:' .. site, now_ms())
  counts:incr('requests:' .. site, 1, 0)
  if ngx.status >= 500 then counts:incr('failed:' .. site, 1, 0) end
  local ms = answer_ms(var)
  if ms then counts:incr('latency' .. latency_class(ms) .. ':' .. site, 1, 0) end
end

-- A worker that starts has nothing in flight, whatever its predecessor of the same number left.
function stats.forget_worker()
  local worker, sites = ngx.worker.id(), directory.ids()
  for _, site in ipairs(sites) do counts:delete('flying' .. worker .. ':' .. site) end
  spool.forget_worker(sites)
end

local function counts_of(site, active)
  local latency = {}
  for class = 1, #BOUNDS_MS + 1 do latency[class] = counts:get('latency' .. class .. ':' .. site) or 0 end
  return {
    requests = counts:get('requests:' .. site) or 0,
    status5xx = counts:get('failed:' .. site) or 0,
    latency = latency,
    inFlight = sum_of_workers('flying', site),
    lastActivity = active,
  }
end

-- Sites that were active at or after `since` (ms) or have requests in flight.
function stats.report(since)
  local sites = {}
  for _, site in ipairs(directory.ids()) do
    local active = counts:get('active:' .. site)
    if active and (active >= since or sum_of_workers('flying', site) > 0) then sites[site] = counts_of(site, active) end
  end
  return { generation = directory.generation(), now = now_ms(), sites = sites }
end

function stats.forget(site)
  for _, name in ipairs({ 'requests:', 'failed:', 'active:' }) do counts:delete(name .. site) end
  for class = 1, #BOUNDS_MS + 1 do counts:delete('latency' .. class .. ':' .. site) end
end

return stats
