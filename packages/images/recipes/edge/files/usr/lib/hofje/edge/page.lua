-- Pages that the edge itself answers with. They are the same for every name and tell nothing about what runs here.
local page = {}

local TEXTS = {
  [421] = { 'Not served here', 'This address is not served here.', 'Dit adres wordt hier niet bediend.' },
  [502] = { 'No answer', 'This site did not answer.', 'Deze site gaf geen antwoord.' },
  [503] = { 'Not available', 'This site is not available now. Please try again later.',
    'Deze site is nu niet beschikbaar. Probeer het later opnieuw.' },
  [504] = { 'No answer', 'This site did not answer in time.', 'Deze site gaf niet op tijd antwoord.' },
}

local FORM = [[
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>%s</title>
<style>body{font:1.1em/1.5 system-ui,sans-serif;max-width:32em;margin:20vh auto 0;padding:0 1em;color:#333}</style>
<p>%s</p>
<p lang="nl">%s</p>
</html>
]]

local BODIES = {}
for status, text in pairs(TEXTS) do BODIES[status] = FORM:format(text[1], text[2], text[3]) end

-- Answers the request with a page; `retry_after` in seconds. Ends the phase it is called in.
function page.send(status, retry_after)
  ngx.status = status
  ngx.header['Content-Type'] = 'text/html; charset=utf-8'
  ngx.header['Cache-Control'] = 'no-store'
  if retry_after then ngx.header['Retry-After'] = retry_after end
  ngx.print(BODIES[status])
  return ngx.exit(ngx.HTTP_OK)
end

-- The site can't be reached now. The gate may have said for how long.
function page.busy()
  local seconds = tonumber(ngx.var.upstream_http_retry_after)
  return page.send(503, seconds and math.max(1, math.floor(seconds)) or 5)
end

-- The last try failed. Where not even a connection was made (nginx says `-`) nothing is lost by coming again.
function page.failed()
  if (ngx.var.upstream_connect_time or ''):sub(-1) == '-' then return page.busy() end
  return page.send(ngx.status == 504 and 504 or 502)
end

return page
