import type { Recipe } from '../../recipe.ts';

/** Exim receives and sends, Dovecot stores and serves; both read their domains and mailboxes from look-up files. */
export const recipe: Recipe = {
  kind: 'mail',
  base: 'base',
  suite: 'bookworm',
  architecture: 'native',
  packages: ['exim4-daemon-heavy', 'dovecot-core', 'dovecot-imapd', 'dovecot-lmtpd'],
  users: [
    { name: 'Debian-exim', id: 200, home: '/var/spool/exim4' },
    { name: 'dovecot', id: 201, home: '/usr/lib/dovecot' },
    { name: 'dovenull', id: 202, home: '/nonexistent' },
    { name: 'vmail', id: 210, home: '/var/mail' },
  ],
  configure: [],
  removals: ['etc/exim4/conf.d', 'etc/dovecot/private', 'var/mail/*'],
  folders: [{ path: 'var/lib/hofje' }],
  checks: [],
  forbidden: [],
  process: null,
};
