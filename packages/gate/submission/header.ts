import type { SubmissionSite } from '#contract/gate/messages.ts';
import type { SmtpReply } from '#model/mail/outcome.ts';
import { type Field, fieldValue, type Head } from '../wire/head.ts';
import { type AddressDomains, addressDomains } from './header-address.ts';
import { defaultSender, foreignSender } from './policy.ts';

/** What the gate adds to a message besides what it knows of the site. */
export interface Stamp {
  readonly now: Date;
  /** Never said before. */
  readonly messageId: string;
}

/** Names the site to the operator in every message that it sent; a name that means nothing to anybody else. */
export const TRACE_FIELD = 'X-Hofje-Site';

const LINE_END = Buffer.from('\r\n');
const ONE_FROM: SmtpReply = { code: 550, status: '5.6.0', text: 'A message has exactly one From header' };
const FROM_NOT_READABLE: SmtpReply = {
  code: 550,
  status: '5.6.0',
  text: 'The From header is not a list of addresses as RFC 5322 has it; a name with special characters needs quotes',
};

/**
 * The head of a message as it goes on to the mail server, or why it does not. Header senders must be the site's own, as
 * the envelope's must: what people see is the header. Missing `From`, `Date`, `Message-ID` are added; a `Sender` of
 * somebody else's, `Bcc`, `Return-Path` and fields in the platform's own name are taken out. Lines end with CRLF.
 */
export function prepareHead(site: SubmissionSite, head: Head, stamp: Stamp): Buffer | SmtpReply {
  const { fields, rest } = untilFirstNoField(head);
  const from = fields.filter((field) => field.name === 'from');
  if (from.length > 1) return ONE_FROM;
  const refusal = from[0] === undefined ? undefined : refuseFrom(site, from[0]);
  if (refusal !== undefined) return refusal;
  const kept = fields.filter((field) => isKept(site, field));
  const has = (name: string) => kept.some((field) => field.name === name);
  return Buffer.concat([
    line(`${TRACE_FIELD}: ${site.id}`),
    ...kept.map((field) => field.bytes),
    ...(has('from') ? [] : [line(`From: ${defaultSender(site)}`)]),
    ...(has('date') ? [] : [line(`Date: ${mailDate(stamp.now)}`)]),
    ...(has('message-id') ? [] : [line(`Message-ID: <${stamp.messageId}@${site.primaryName}>`)]),
    rest,
  ]);
}

/** Undefined when the site may show this to people. */
function refuseFrom(site: SubmissionSite, field: Field): SmtpReply | undefined {
  const domains = addressDomains(fieldValue(field));
  if (domains === undefined) return FROM_NOT_READABLE;
  const foreign = domains.find((domain) => domain !== '' && !site.senderDomains.includes(domain));
  return foreign === undefined ? undefined : foreignSender(site, foreign.slice(0, 100));
}

function isKept(site: SubmissionSite, field: Field): boolean {
  switch (field.name) {
    case 'bcc':
    case 'return-path':
      return false;
    case 'from':
      // A bare user name, as cron writes it, is nobody's address: the site's own takes its place.
      return isSomebody(addressDomains(fieldValue(field)));
    case 'sender':
      return isOwn(site, addressDomains(fieldValue(field)));
    default:
      return !field.name.startsWith('x-hofje-');
  }
}

function isSomebody(domains: AddressDomains | undefined): boolean {
  return domains?.some((domain) => domain !== '') === true;
}

function isOwn(site: SubmissionSite, domains: AddressDomains | undefined): boolean {
  return domains?.every((domain) => site.senderDomains.includes(domain)) === true;
}

/**
 * A line that is no field ends the head for every reader of mail, so it does here: what follows is body. The line in
 * front that mailbox files begin a message with is dropped.
 */
function untilFirstNoField({ fields, rest }: Head): Head {
  const begin = fields[0]?.name === '' && fields[0].bytes.subarray(0, 5).toString('latin1') === 'From ' ? 1 : 0;
  const noField = fields.findIndex((field, at) => at >= begin && field.name === '');
  if (noField === -1) return { fields: fields.slice(begin), rest: rest.length === 0 ? LINE_END : rest };
  const body = fields.slice(noField).map((field) => field.bytes);
  return { fields: fields.slice(begin, noField), rest: Buffer.concat([LINE_END, ...body, rest]) };
}

function line(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), LINE_END]);
}

/** RFC 5322, 3.3: `Mon, 02 Nov 2026 09:00:00 +0000`. */
function mailDate(now: Date): string {
  return now.toUTCString().replace('GMT', '+0000');
}
