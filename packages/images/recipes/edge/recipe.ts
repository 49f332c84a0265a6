import type { Recipe } from '../../recipe.ts';

/** nginx with Lua: look-ups of hosts, instances and certificates without reloading. */
export const recipe: Recipe = {
  kind: 'edge',
  base: 'base',
  suite: 'bookworm',
  architecture: 'native',
  packages: ['nginx', 'libnginx-mod-http-lua', 'lua-resty-core', 'lua-resty-lrucache', 'lua-cjson'],
  users: [],
  configure: [],
  removals: ['etc/nginx/sites-*', 'etc/nginx/snippets', 'var/www', 'usr/share/nginx/html'],
  folders: [{ path: 'var/lib/hofje' }],
  checks: [['nginx', '-t', '-q']],
  forbidden: [],
  process: { argv: ['/usr/sbin/nginx', '-g', 'daemon off;'], user: '33:33', folder: '/' },
};
