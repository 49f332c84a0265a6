-- The address of the site's current instance, looked up again for each try: waking may have given it another.
local directory = require('edge.directory')
local peer = require('ngx.balancer')

local balancer = {}

function balancer.run()
  local upstream = directory.site(ngx.var.site)
  if not upstream then return ngx.exit(502) end
  local address, port = upstream:match('^([%d.]+):(%d+)$')
  assert(peer.set_current_peer(address, tonumber(port)))
end

return balancer
