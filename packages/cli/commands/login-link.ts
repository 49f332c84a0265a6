import { Command } from '@commander-js/extra-typings';
import { makeLoginLink } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';

export function loginLinkCommand(context: Context) {
  return new Command('login-link')
    .description('a link that lets somebody into the panel once; on the machine itself')
    .option('--operator', 'for the first administrator, who is made by it if there is none')
    .option('--person <address>', 'for somebody, by address or id')
    .addHelpText(
      'after',
      examples(
        ['hofje login-link --operator', 'to come in for the first time, or when all else is lost'],
        ['hofje login-link --person alice@example.org', 'for somebody who cannot get in'],
      ),
    )
    .action(async ({ operator, person }, command) => {
      if ((operator === undefined) === (person === undefined))
        throw new HofjeError('usage.whose', 'say whose link: --operator or --person ADDRESS');
      const body = { ...(operator && { operator }), ...(person !== undefined && { person }) };
      const link = await (await context.machine()).call(makeLoginLink, { body });
      context.output(command).result(link, `${link.url}\n\nGood once, until ${link.expiresAt}.`);
    });
}
