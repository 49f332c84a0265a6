import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFixed, lastOutput, parseCrunLog } from './crun.ts';

const line = (msg: string) => `${JSON.stringify({ msg, level: 'error', time: '2026-11-24T09:00:00.000000Z' })}\n`;

test('messages are read, whatever text is in them', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const { messages, rest } = parseCrunLog(Buffer.from(texts.map(line).join('')));
      expect(messages).toEqual(texts);
      expect(rest).toHaveLength(0);
    }),
  );
});

test('what is no message is the rest, and so is all behind it', () => {
  const { messages, rest } = parseCrunLog(Buffer.from(`${line('a')}text\n${line('b')}`));
  expect(messages).toEqual(['a']);
  expect(rest.toString()).toBe(`text\n${line('b')}`);
  expect(parseCrunLog(Buffer.from('{"msg":"no time"}\n')).messages).toEqual([]);
});

test("crun's newlines are taken out of a program's last output", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 1000 }), (bytes) => {
      const output = Buffer.from(bytes);
      const pieces: Buffer[] = [];
      for (let at = 0; at < output.length; at += 255) pieces.push(output.subarray(at, at + 255), Buffer.from('\n'));
      expect(lastOutput(Buffer.concat(pieces))).toEqual(output);
    }),
  );
});

describe('the program file of crun', () => {
  const line = (at: string, flags: string) => `31 25 8:1 /usr/bin/crun ${at} ${flags} - ext4 /dev/vda rw`;

  test.each([
    [false, [line('/', 'rw')]],
    [false, [line('/', 'rw'), line('/usr/bin/crun', 'rw,relatime')]],
    [true, [line('/', 'rw'), line('/usr/bin/crun', 'ro,relatime')]],
    [true, [line('/usr/bin/crun', 'rw'), line('/usr/bin/crun', 'ro')]],
    [false, [line('/usr/bin/crun', 'ro'), line('/usr/bin/crun', 'rw')]],
    [false, [line('/usr/bin/crun2', 'ro')]],
  ])('is fixed: %s, as its topmost mount says', (fixed, lines) => {
    expect(isFixed(lines.join('\n'), '/usr/bin/crun')).toBe(fixed);
  });
});
