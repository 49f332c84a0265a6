import type { Recipe } from '../../recipe.ts';

const AS_SITE = [
  'setpriv',
  '--reuid=1000',
  '--regid=1000',
  '--clear-groups',
  'env',
  'HOFJE_LOGS=/tmp',
  'HOFJE_PHP_CHILDREN=8',
] as const;

/** The house of one website: Apache, PHP-FPM with WordPress's extensions, and the tools that customers expect. */
export const recipe: Recipe = {
  kind: 'site-php8.2',
  base: 'base',
  suite: 'bookworm',
  architecture: 'native',
  packages: [
    'apache2-bin',
    'apache2-utils',
    'php8.2-fpm',
    'php8.2-cli',
    'php8.2-bcmath',
    'php8.2-curl',
    'php8.2-gd',
    'php8.2-intl',
    'php8.2-mbstring',
    'php8.2-mysql',
    'php8.2-soap',
    'php8.2-sqlite3',
    'php8.2-xml',
    'php8.2-zip',
    // Else php8.2-fpm brings the whole of systemd.
    'systemd-standalone-tmpfiles',
    'msmtp-mta',
    's6',
    'bzip2',
    'curl',
    'less',
    'nano',
    'procps',
    'unzip',
    'xz-utils',
    'zip',
  ],
  users: [
    { name: 'site', id: 1000, home: '/home/site', shell: '/bin/bash' },
    { name: 'msmtp', id: 200, home: '/var/lib/msmtp' },
  ],
  configure: [
    // A site's PATH has no sbin.
    ['ln', '-s', '/usr/sbin/sendmail', '/usr/local/bin/sendmail'],
    // For commands only: every extension costs the request that wakes a site.
    ['phpdismod', '-s', 'fpm', 'ffi', 'readline', 'shmop', 'sysvmsg', 'sysvsem', 'sysvshm'],
  ],
  removals: [
    'etc/php/8.2/fpm/pool.d',
    'etc/php/8.2/fpm/php-fpm.conf',
    'etc/apache2',
    'etc/apparmor.d',
    'etc/init.d',
    'etc/rc?.d',
    'etc/cron.d',
    'etc/logrotate.d',
    'var/mail',
    'var/spool/mail',
  ],
  folders: [{ path: 'home/site' }],
  checks: [
    ['mkdir', '/run/site', '/home/site/public'],
    [...AS_SITE, '/usr/sbin/apache2', '-t', '-f', '/etc/hofje/apache.conf'],
    [...AS_SITE, '/usr/sbin/php-fpm8.2', '--test', '--fpm-config', '/etc/hofje/php-fpm.conf'],
  ],
  forbidden: ['usr/sbin/exim*', 'etc/exim4', 'var/spool/exim4', 'var/mail/*', 'var/spool/mail/*'],
  process: { argv: ['/usr/lib/hofje/init'], user: '1000:1000', folder: '/home/site' },
};
