/** A mail of the platform's own. The parts are checked: addresses are bare, the subject is one line. */
export interface PlatformMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const LINE = 76;
/** Bytes of a subject in one encoded word: its frame takes 12 characters, and its line has 76 (RFC 2047, 2). */
const WORD_BYTES = 39;

/**
 * The message with its header (RFC 5322), lines ended by LF as a program hands them in. Whatever stands in the text stays
 * text: it is base 64. Automatic answers to it are not wanted (RFC 3834). Pure.
 */
export function messageOf(mail: PlatformMail, id: string, now: Date): string {
  const domain = mail.from.slice(mail.from.lastIndexOf('@') + 1);
  const body = Buffer.from(mail.text.replace(/\r?\n/g, '\r\n')).toString('base64');
  return [
    `From: Hofje <${mail.from}>`,
    `To: <${mail.to}>`,
    `Subject: ${encodedWords(mail.subject)}`,
    `Date: ${now.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@${domain}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []),
    '',
  ].join('\n');
}

/** Text of a header as encoded words, each of whole characters. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const sign of text) {
    if (Buffer.byteLength(word + sign) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += sign;
  }
  return [...words, word].map((each) => `=?utf-8?B?${Buffer.from(each).toString('base64')}?=`).join('\n ');
}
