import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageOf } from './platform-mail.ts';

const NOW = new Date(Date.UTC(2026, 10, 24, 12, 0, 0));
const mail = { from: 'noreply@hofje.example', to: 'bob@example.org', subject: 'Hello', text: 'One\nTwo\n' };

test('a message has its header, one recipient, and a text that is nothing else', () => {
  const message = messageOf(mail, 'id1', NOW);
  expect(message).toContain('\nTo: <bob@example.org>\n');
  expect(message).toContain('\nDate: Tue, 24 Nov 2026 12:00:00 +0000\n');
  expect(message).toContain('\nMessage-ID: <id1@hofje.example>\n');
  const [, body = ''] = message.split('\n\n');
  expect(Buffer.from(body, 'base64').toString()).toBe('One\r\nTwo\r\n');
});

test('whatever the text and the subject are, they add no line to the header, and come back as they were', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
      fc.string({ unit: 'grapheme' }),
      (subject, text) => {
        const message = messageOf({ ...mail, subject, text }, 'id1', NOW);
        const end = message.indexOf('\n\n');
        const header = message.slice(0, end).replaceAll('\n ', ' ').split('\n');
        expect(header).toHaveLength(9);
        for (const line of message.split('\n')) expect(line.length).toBeLessThanOrEqual(78);
        const words = (header[2] ?? '').replace('Subject: ', '').split(' ');
        const decoded = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString()).join('');
        expect(decoded).toBe(subject);
        expect(Buffer.from(message.slice(end + 2), 'base64').toString()).toBe(text.replace(/\r?\n/g, '\r\n'));
      },
    ),
  );
});
