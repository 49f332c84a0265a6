import { SEES } from '#model/right/decide.ts';
import type { Rights } from '../auth/row.ts';

export const THUNDERBIRD_PATH = '/mail/config-v1.1.xml';
export const APPLE_PATH = '/mail/apple.mobileconfig';
/** Outlook writes it either way. */
export const OUTLOOK_PATHS = ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml'] as const;

/** Rows of the table of rights. What programs ask is made of the address that they name, and tells nothing of anybody. */
export const MAIL_SETUP_RIGHTS: Rights = {
  'GET /v1/mailboxes/:mailbox/setup': { object: 'mailbox', from: 'params', may: SEES.mailbox, scope: 'read' },
  [`GET ${THUNDERBIRD_PATH}`]: 'anyone',
  [`GET ${APPLE_PATH}`]: 'anyone',
  [`POST ${OUTLOOK_PATHS[0]}`]: 'anyone',
  [`POST ${OUTLOOK_PATHS[1]}`]: 'anyone',
};
