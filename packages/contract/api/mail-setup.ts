import { type Static, Type } from 'typebox';
import { MAIL_SECURITIES } from '#model/mail/setup.ts';
import { endpoint } from './endpoint.ts';

/** A server that a mail program speaks to. */
export const MailServer = Type.Object(
  {
    protocol: Type.Enum(['imap', 'smtp'], { description: 'To read mail, and to send it.' }),
    host: Type.String(),
    port: Type.Integer(),
    security: Type.Enum(MAIL_SECURITIES, { description: 'From the first byte, or after STARTTLS.' }),
  },
  { additionalProperties: false },
);

export const MailSetup = Type.Object(
  {
    address: Type.String(),
    userName: Type.String({ description: 'What one logs in as: the whole address.' }),
    servers: Type.Array(MailServer, { description: 'The ones to be preferred first.' }),
    certificate: Type.Enum(['own', 'trusted'], {
      description: '`own`: signed by nobody that a program knows; it asks once whether that is right.',
    }),
    profile: Type.String({ description: 'Address of a profile for Apple’s devices. It holds no password.' }),
  },
  { additionalProperties: false },
);
export type MailSetup = Static<typeof MailSetup>;

export const showMailSetup = endpoint({
  method: 'GET',
  path: '/v1/mailboxes/:mailbox/setup',
  summary: 'What a mail program needs to know in order to read and send mail of a mailbox.',
  params: Type.Object({ mailbox: Type.String({ maxLength: 400, description: 'Id or address.' }) }),
  status: 200,
  answer: MailSetup,
});
