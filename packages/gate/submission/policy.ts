import type { SubmissionSite } from '#contract/gate/messages.ts';
import type { SmtpReply } from '#model/mail/outcome.ts';
import type { EnvelopeAddress } from './command.ts';

/** Largest message that a site may send, bytes. */
export const MESSAGE_BYTES_MAX = 25 * 1024 * 1024;
export const RECIPIENTS_MAX = 100;

/**
 * Under which address a program may send. Its own (a domain of the site's): as it is. None, or one without a domain, as
 * programs give that never thought about it: `site@primaryName`. Somebody else's: refused with a text that says so, for
 * a silent change would answer a question that nobody asked.
 */
export function senderFor(site: SubmissionSite, sender: EnvelopeAddress | undefined): string | SmtpReply {
  if (sender === undefined || sender.domain === '' || sender.domain === 'localhost') return defaultSender(site);
  if (site.senderDomains.includes(sender.domain)) return formatAddress(sender);
  return foreignSender(site, sender.domain);
}

/** A recipient without a domain is one of the site's own. */
export function recipientFor(site: SubmissionSite, recipient: EnvelopeAddress): string {
  return formatAddress({ ...recipient, domain: recipient.domain || site.primaryName });
}

export function defaultSender(site: SubmissionSite): string {
  return `site@${site.primaryName}`;
}

export function foreignSender(site: SubmissionSite, domain: string): SmtpReply {
  const own = site.senderDomains.slice(0, 5).join(', ');
  return { code: 550, status: '5.7.1', text: `This site may not send mail as ${domain}; its own domains are: ${own}` };
}

function formatAddress({ localPart, domain }: EnvelopeAddress): string {
  return `${localPart}@${domain}`;
}
