import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { showMailSetup } from '#contract/api/mail-setup.ts';
import { HofjeError } from '#model/error.ts';
import { formatAddress, parseLocalAddress } from '#model/mail/address.ts';
import { type MailServer, mailServersAt } from '#model/mail/setup.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { findMailbox } from '../mailbox/queries.ts';
import { appleProfile } from './apple.ts';
import { addressAsked, outlookAnswer } from './outlook.ts';
import { APPLE_PATH, OUTLOOK_PATHS, THUNDERBIRD_PATH } from './rights.ts';
import { thunderbirdConfig } from './thunderbird.ts';

/** What Outlook sends is some 400 bytes. */
const QUESTION_BYTES_MAX = 8192;
const AddressQuery = Type.Object({ emailaddress: Type.String({ minLength: 3, maxLength: 400 }) });

/**
 * What mail programs must know: for people by the API, for the programs as the documents that they ask for. These are made of
 * the address in the question and of the configuration alone, so that they never tell whether a mailbox exists.
 */
export function mailSetupRoutes(app: FastifyInstance, { config, db }: Context): void {
  serve(app, showMailSetup, async (_input, request) => {
    const { address } = await findMailbox(db, EVERYTHING, objectOf(request, 'mailbox'));
    return {
      address,
      userName: address,
      servers: setupOf(config, address).servers,
      certificate: 'own' as const,
      profile: `${APPLE_PATH}?emailaddress=${encodeURIComponent(address)}`,
    };
  });

  const schema = { hide: true, querystring: AddressQuery } as const;
  app.get<{ Querystring: { emailaddress: string } }>(THUNDERBIRD_PATH, { schema }, async ({ query }, reply) => {
    const { domain, servers } = setupOf(config, query.emailaddress);
    return sendXml(reply, thunderbirdConfig(domain, servers));
  });

  app.get<{ Querystring: { emailaddress: string } }>(APPLE_PATH, { schema }, async ({ query }, reply) => {
    const { address, servers } = setupOf(config, query.emailaddress);
    return reply
      .type('application/x-apple-aspen-config')
      .header('content-disposition', 'attachment; filename="mail.mobileconfig"')
      .send(appleProfile(address, servers));
  });

  app.addContentTypeParser(
    ['text/xml', 'application/xml'],
    { parseAs: 'string', bodyLimit: QUESTION_BYTES_MAX },
    async (_request: unknown, body: string) => body,
  );
  for (const path of OUTLOOK_PATHS) {
    app.post<{ Body: unknown }>(path, { schema: { hide: true } }, async ({ body }, reply) => {
      const asked = typeof body === 'string' ? addressAsked(body) : undefined;
      if (asked === undefined) throw new HofjeError('request.invalid', 'It names no address.', { field: 'body' });
      const { address, servers } = setupOf(config, asked);
      return sendXml(reply, outlookAnswer(address, servers));
    });
  }
}

/** Throws `address.invalid`, `domain.invalid`. */
function setupOf(
  config: Config,
  text: string,
): { readonly address: string; readonly domain: string; readonly servers: MailServer[] } {
  const parsed = parseLocalAddress(text, 'emailaddress');
  const { domain } = parsed;
  return { address: formatAddress(parsed), domain, servers: mailServersAt(config.mailHost ?? domain) };
}

function sendXml(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/xml; charset=utf-8').send(text);
}
