import type { Language } from '#model/right/role.ts';
import type { Context } from '../context.ts';
import { sendPlatformMail } from '../platform-mail/send.ts';
import { normalEmail } from './entrant.ts';
import { makeLink, secretUrl } from './login-link.ts';
import { countTry } from './throttle-table.ts';

const TEXTS: Readonly<Record<Language, (url: string) => { readonly subject: string; readonly text: string }>> = {
  en: (url) => ({
    subject: 'A new password for Hofje',
    text: `Somebody, probably you, asked for a new password.

Choose one here, within half an hour:

${url}

If it was not you, do nothing: your password stays as it is.
`,
  }),
  nl: (url) => ({
    subject: 'Een nieuw wachtwoord voor Hofje',
    text: `Iemand, waarschijnlijk jij, vroeg om een nieuw wachtwoord.

Kies er hier een, binnen een half uur:

${url}

Was jij het niet, doe dan niets: je wachtwoord blijft zoals het is.
`,
  }),
};

/**
 * Mails a link to the person of an address, if there is one. It is called after the answer was given and never throws, so
 * that neither the answer nor its time tells whether there is.
 */
export async function mailReset(context: Context, typed: string): Promise<void> {
  const { db, log } = context;
  try {
    const person = await db
      .selectFrom('person')
      .select(['id', 'email', 'language'])
      .where('email', '=', normalEmail(typed))
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    if (person === undefined) return;
    await countTry(context, [{ kind: 'mail', of: person.id }]);
    const { secret } = await makeLink(context, db, 'reset', person.id);
    const text = TEXTS[person.language](secretUrl(context, 'reset', secret));
    await sendPlatformMail(context, { to: person.email, ...text });
  } catch (err) {
    log.warn({ event: 'reset.not-mailed', err });
  }
}
