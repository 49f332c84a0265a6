-- What a worker does when it starts and every few seconds.
local ffi = require('ffi')
local process = require('ngx.process')
local stats = require('edge.stats')

local worker = {}

local LOG = '/var/log/edge/error.log'
local LOG_BYTES_MAX = 8 * 1024 * 1024
local LOG_SECONDS = 5
local REOPEN_LOGS = 10 -- SIGUSR1

ffi.cdef('int kill(int pid, int signal);')

-- Keeps one old log file; looks often, for whoever makes the edge log may be quick; nginx's master reopens the new one.
local function rotate_log()
  local file = io.open(LOG, 'rb')
  if not file then return end
  local size = file:seek('end')
  file:close()
  if size < LOG_BYTES_MAX then return end
  if os.rename(LOG, LOG .. '.1') then ffi.C.kill(process.get_master_pid(), REOPEN_LOGS) end
end

function worker.begin()
  stats.forget_worker()
  if ngx.worker.id() == 0 then assert(ngx.timer.every(LOG_SECONDS, rotate_log)) end
end

return worker
