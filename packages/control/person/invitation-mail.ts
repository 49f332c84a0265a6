import type { PersonId } from '#model/id.ts';
import type { Language } from '#model/right/role.ts';
import type { Context } from '../context.ts';
import { countTry, type ThrottleKey } from '../entrance/throttle-table.ts';
import { sendPlatformMail } from '../platform-mail/send.ts';

/** What somebody is invited to, in his own eyes. */
export interface InvitationMail {
  readonly to: string;
  readonly url: string;
  /** Whoever invites; null for the machine. */
  readonly by: PersonId | null;
  /** His name. */
  readonly invitedBy: string | null;
  /** The account's name; null for an operator of the installation. */
  readonly account: string | null;
  readonly expiresAt: Date;
  readonly language: Language;
}

/**
 * Mails the link of an invitation. Never throws: whoever invites has the link as well, and can give it in another way.
 * Nobody has the platform mail strangers, or one of them, without end.
 */
export async function mailInvitation(context: Context, invitation: InvitationMail): Promise<void> {
  try {
    const keys: ThrottleKey[] = [{ kind: 'mail', of: invitation.to }];
    if (invitation.by !== null) keys.push({ kind: 'asking', of: invitation.by });
    await countTry(context, keys);
    await sendPlatformMail(context, { to: invitation.to, ...textOf(invitation) });
  } catch (err) {
    context.log.warn({ event: 'invitation.not-mailed', err });
  }
}

/** Pure. Names of people and accounts are one line each. */
export function textOf(invitation: InvitationMail): { readonly subject: string; readonly text: string } {
  const { url, invitedBy, account, expiresAt, language } = invitation;
  const until = expiresAt.toISOString().slice(0, 10);
  if (language === 'nl') {
    const what = account === null ? 'om Hofje mee te beheren' : `voor het account ${account}`;
    return {
      subject: 'Uitnodiging voor Hofje',
      text: `${invitedBy ?? 'De beheerder'} nodigt je uit ${what}.

Kom hier binnen, tot en met ${until}:

${url}

Verwacht je dit niet, doe dan niets.
`,
    };
  }
  const what = account === null ? 'to help run Hofje' : `to the account ${account}`;
  return {
    subject: 'An invitation to Hofje',
    text: `${invitedBy ?? 'The operator'} invites you ${what}.

Come in here, until ${until}:

${url}

If you do not expect this, do nothing.
`,
  };
}
