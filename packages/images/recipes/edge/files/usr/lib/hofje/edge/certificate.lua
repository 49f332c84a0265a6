-- Gives a handshake the certificate of the name that the visitor asked for. Without one the throwaway of nginx.conf stays.
local directory = require('edge.directory')
local lrucache = require('resty.lrucache')
local ssl = require('ngx.ssl')
local ffi = require('ffi')

local certificate = {}

-- Parsed certificates, per worker. An entry is good as long as its version is the one of the directory.
local parsed = assert(lrucache.new(2000))

local function parse(name, version)
  local entry = parsed:get(name)
  if entry and entry.version == version then return entry end
  local chain_pem, key_pem = directory.certificate(name)
  if not chain_pem then return nil end
  entry = {
    version = version,
    chain = assert(ssl.parse_pem_cert(chain_pem)),
    key = assert(ssl.parse_pem_priv_key(key_pem)),
  }
  parsed:set(name, entry)
  return entry
end

function certificate.run()
  local name = ssl.server_name()
  if not name then return end
  name = name:lower()
  local site, _, version = directory.host(name)
  if not site then return end
  local entry = parse(name, version)
  if not entry then return end
  assert(ssl.clear_certs())
  assert(ssl.set_cert(entry.chain))
  assert(ssl.set_priv_key(entry.key))
end

ffi.cdef([[
  void *OPENSSL_sk_value(const void *stack, int index);
  int X509_check_private_key(const void *certificate, const void *key);
  void ERR_clear_error(void);
]])

-- A reason why this PEM can't be used, or nil.
function certificate.fault(chain_pem, key_pem)
  local chain, chain_fault = ssl.parse_pem_cert(chain_pem)
  if not chain then return 'chain: ' .. tostring(chain_fault) end
  local key, key_fault = ssl.parse_pem_priv_key(key_pem)
  if not key then return 'key: ' .. tostring(key_fault) end
  if ffi.C.X509_check_private_key(ffi.C.OPENSSL_sk_value(chain, 0), key) ~= 1 then
    ffi.C.ERR_clear_error() -- else the next handshake of this worker takes it for its own
    return 'the key does not fit the certificate'
  end
  return nil
end

return certificate
