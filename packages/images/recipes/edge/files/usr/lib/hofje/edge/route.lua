-- Whose request is it? Decides before any of the body is read: a site, a redirect, or a page that tells nothing.
local directory = require('edge.directory')
local page = require('edge.page')
local spool = require('edge.spool')
local stats = require('edge.stats')

local route = {}

-- Whether the name in the TLS handshake belongs to the same site as the Host of the request.
local function is_same_site(var, host, site)
  local name = var.ssl_server_name
  if not name then return false end
  if name == host then return true end
  return directory.host(name:lower()) == site
end

-- What only this platform may say is never taken from a visitor.
local function drop_hop_headers()
  for name in pairs(ngx.req.get_headers(0)) do
    if name:find('^x%-forwarded%-') or name:find('^x%-hofje%-') then ngx.req.clear_header(name) end
  end
end

local function redirect(var, host)
  local method = ngx.req.get_method()
  local status = (method == 'GET' or method == 'HEAD') and 301 or 308
  return ngx.redirect('https://' .. host .. var.request_uri, status)
end

function route.run()
  local var = ngx.var
  local host = var.host
  local site, redirects = directory.host(host)
  if not site then
    if not directory.is_filled() then return page.send(503, 1) end
    return page.send(421)
  end
  local encrypted = var.https == 'on'
  if encrypted and not is_same_site(var, host, site) then return page.send(421) end

  local upstream, suspended = directory.site(site)
  if suspended then return page.send(503, 3600) end
  -- Certificate authorities ask over plain http (RFC 8555, 8.3).
  if redirects and not encrypted and var.uri:sub(1, 28) ~= '/.well-known/acme-challenge/' then
    return redirect(var, host)
  end

  if not stats.begin(site) then return page.send(503, 10) end
  drop_hop_headers()
  spool.receive(site)
  if not upstream then return ngx.exec('@wake') end
end

return route
