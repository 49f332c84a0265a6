import type { Recipe } from '../../recipe.ts';

/** Exim receives and sends, Dovecot stores and serves; both read their domains and mailboxes from look-up files. */
export const recipe: Recipe = {
  kind: 'mail',
  base: 'base',
  suite: 'bookworm',
  architecture: 'native',
  packages: ['exim4-daemon-heavy', 'dovecot-core', 'dovecot-imapd', 'dovecot-lmtpd', 's6'],
  users: [
    { name: 'Debian-exim', id: 200, home: '/var/spool/exim4' },
    { name: 'dovecot', id: 201, home: '/usr/lib/dovecot' },
    { name: 'dovenull', id: 202, home: '/nonexistent' },
    { name: 'vmail', id: 210, home: '/srv/mail' },
  ],
  // The resolver's address and the own name lie with the look-ups.
  configure: [
    ['ln', '--symbolic', '--force', '--', '/etc/hofje/lookup/resolv.conf', '/etc/resolv.conf'],
    ['ln', '--symbolic', '--force', '--', '/etc/hofje/lookup/hosts', '/etc/hosts'],
  ],
  removals: ['etc/exim4/conf.d', 'etc/dovecot/private', 'etc/dovecot/conf.d', 'var/mail/*'],
  folders: [
    { path: 'run/hofje/lmtp' },
    { path: 'etc/hofje/lookup' },
    { path: 'srv/mail' },
    { path: 'var/log/mail' },
    { path: 'var/spool/exim4', mode: 0o750, owner: 200 },
  ],
  checks: [
    ['/usr/sbin/exim4', '-bV'],
    ['doveconf', '-n'],
  ],
  forbidden: [],
  process: { argv: ['/usr/lib/hofje/mail/start'], user: '0:0', folder: '/' },
};
