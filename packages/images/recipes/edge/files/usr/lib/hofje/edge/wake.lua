-- May this request be sent once more, after its site was woken?
local wake = {}

-- Only when no connection to the site was made (nginx says `-`), or none was tried. A site that broke off in the middle
-- has perhaps acted on the request already: its failure stands.
function wake.run()
  local connected = ngx.var.upstream_connect_time
  if not connected or connected == '-' then return end
  local status = (ngx.var.upstream_status or ''):match('(%d+)$')
  return ngx.exit(status == '504' and 504 or 502)
end

return wake
