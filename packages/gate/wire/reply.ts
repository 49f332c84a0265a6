import type { SmtpReply } from '#model/mail/outcome.ts';

/** A reply as bytes. Texts are the platform's own; a line end in one would be a defect and becomes a blank. */
export function encodeReply(reply: SmtpReply): string {
  return `${reply.code} ${reply.status} ${oneLine(reply.text)}\r\n`;
}

/** A reply of several lines without an enhanced status: the greeting's extensions (RFC 5321, 4.1.1.1). */
export function encodeLines(code: number, lines: readonly string[]): string {
  return lines.map((line, at) => `${code}${at === lines.length - 1 ? ' ' : '-'}${oneLine(line)}\r\n`).join('');
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, ' ');
}
