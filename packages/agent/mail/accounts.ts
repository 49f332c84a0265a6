import { isId, type MailboxId } from '#model/id.ts';
import { refused } from './entry.ts';

/**
 * Lines of Dovecot's passwd-files (https://doc.dovecot.org/2.3/configuration_manual/authentication/passwd_file/):
 * `user:password:uid:gid:(gecos):home:(shell):extra fields`. Nothing in a field may be a colon, a line break or a NUL;
 * extra fields are separated by blanks.
 */

export const MAIL_ROOT = '/srv/mail';

/** A scheme in braces and what follows it: no blank, no colon. */
const PASSWORD_HASH = /^\{[A-Z0-9][A-Z0-9.-]*\}[!-9;-~]+$/;
const FOLDER = /^[a-z0-9_]+$/;

/** Who logs in as `address` has this mailbox. */
export function accountLine(
  address: string,
  mailbox: { readonly id: MailboxId; readonly passwordHash: string },
): string {
  if (!PASSWORD_HASH.test(mailbox.passwordHash)) throw refused('a password hash with characters that no hash has');
  if (/[\s:\0]/u.test(address)) throw refused('an address that breaks a line');
  return `${address}:${mailbox.passwordHash}::::::user=${checkedId(mailbox.id)}`;
}

/** Where a mailbox lies and how much it may hold. */
export function mailboxLine(mailbox: { readonly id: MailboxId; readonly quotaBytes: number }, folder: string): string {
  const id = checkedId(mailbox.id);
  if (!FOLDER.test(folder)) throw refused('a folder with characters that none has');
  if (!Number.isSafeInteger(mailbox.quotaBytes) || mailbox.quotaBytes < 0) throw refused('a quota that is no number');
  return `${id}:::::${MAIL_ROOT}/${folder}/${id}::userdb_quota_rule=*:bytes=${mailbox.quotaBytes}`;
}

function checkedId(id: string): string {
  if (!isId('mailbox', id)) throw refused('a mailbox without an id');
  return id;
}
