import type { Recipe } from '../../recipe.ts';

/** nginx with Lua: look-ups of hosts, instances and certificates without reloading. */
export const recipe: Recipe = {
  kind: 'edge',
  base: 'base',
  suite: 'bookworm',
  architecture: 'native',
  packages: ['nginx', 'libnginx-mod-http-lua', 'lua-resty-core', 'lua-resty-lrucache', 'lua-cjson', 'openssl'],
  users: [],
  configure: [],
  removals: [
    'etc/nginx/sites-*',
    'etc/nginx/snippets',
    'etc/nginx/modules-*',
    'etc/nginx/conf.d',
    'var/www',
    'usr/share/nginx/html',
  ],
  folders: [
    { path: 'run/hofje/wake' },
    { path: 'var/spool/edge', mode: 0o700, owner: 33 },
    { path: 'var/log/edge', mode: 0o700, owner: 33 },
  ],
  checks: [['/usr/lib/hofje/edge/start', '-t', '-q']],
  forbidden: [],
  process: { argv: ['/usr/lib/hofje/edge/start'], user: '33:33', folder: '/' },
};
