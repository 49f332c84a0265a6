-- Room in the spool, in which bodies of requests wait until they are whole. A body has its room before its first byte is
-- read, and keeps it until its request is over: neither a site nor all of them together fill the spool.
--
--   reserved<worker>:<site>  bytes of one site      reserved<worker>  bytes of all
local spool = {}

local counts = ngx.shared.stats

local MiB = 1024 * 1024
-- `client_body_buffer_size`: what is not larger never comes into the spool.
local MEMORY_BYTES = 64 * 1024
-- `client_max_body_size`: what a body may become that does not tell its length.
local BODY_BYTES_MAX = 128 * MiB
local SITE_BYTES = 512 * MiB
-- The spool has 4 GiB; the room of a body that is gone comes back with the next commit of its file system only.
local ALL_BYTES = 3072 * MiB

-- Their content means nothing (RFC 9110, 9.3). Over HTTP/2 any request may bring some without saying so in its head.
local WITHOUT_BODY = { GET = true, HEAD = true, OPTIONS = true }

local function sum(suffix)
  local bytes = 0
  for worker = 0, ngx.worker.count() - 1 do bytes = bytes + (counts:get('reserved' .. worker .. suffix) or 0) end
  return bytes
end

local function add(site, bytes)
  local key = 'reserved' .. ngx.worker.id()
  counts:incr(key .. ':' .. site, bytes, 0)
  counts:incr(key, bytes, 0)
end

-- Bytes that the body may take in the spool, and whether it told its length.
local function expectation(var)
  local length = tonumber(var.content_length)
  if length then return length > MEMORY_BYTES and length or 0, true end
  if ngx.req.http_version() < 2 then
    if var.http_transfer_encoding then return BODY_BYTES_MAX, false end
    return 0, true
  end
  if not WITHOUT_BODY[ngx.req.get_method()] then return BODY_BYTES_MAX, false end
  ngx.req.discard_body()
  return 0, true
end

-- Takes room for the body of this request; false when there is none.
function spool.reserve(site)
  local var = ngx.var
  local bytes, is_known = expectation(var)
  if bytes == 0 then return true end
  -- Taken first and looked at then: workers that ask at the same time see each other.
  add(site, bytes)
  if sum(':' .. site) > SITE_BYTES or sum('') > ALL_BYTES then
    add(site, -bytes)
    return false
  end
  var.reserved = bytes
  var.unmeasured = is_known and '' or '1'
  return true
end

-- Reads a body that did not tell its length, and gives back what it turned out not to need. Whoever calls this has made
-- sure that `release` is called.
function spool.receive(site)
  local var = ngx.var
  if var.unmeasured == '' then return end
  ngx.req.read_body()
  -- A little more than the body: the head counts too.
  local length = tonumber(var.request_length)
  local bytes = math.min(length > MEMORY_BYTES and length or 0, BODY_BYTES_MAX)
  add(site, bytes - tonumber(var.reserved))
  var.reserved = bytes
end

-- The request is over.
function spool.release(site)
  local reserved = tonumber(ngx.var.reserved)
  if reserved and reserved ~= 0 then add(site, -reserved) end
end

-- A worker that starts holds nothing, whatever its predecessor of the same number left.
function spool.forget_worker(sites)
  local key = 'reserved' .. ngx.worker.id()
  counts:delete(key)
  for _, site in ipairs(sites) do counts:delete(key .. ':' .. site) end
end

return spool
