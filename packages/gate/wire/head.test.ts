import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asStream, cutBytes, cuts } from '../testing/chunks.ts';
import { fieldValue, readHead } from './head.ts';
import type { Body } from './reader.ts';

function bodyOf(chunks: readonly Buffer[]): Body {
  const source = asStream(chunks);
  return {
    next: async () => {
      const { done, value } = await source.next();
      return done === true ? undefined : value;
    },
  };
}

const line = fc.constantFrom('Subject: x', ' folded', '\tfolded', '', 'no field', 'X : y', ':', 'A:', '\r', 'From a@b');
const message = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => lines.map((text) => text + end).join(''));

describe('readHead', () => {
  it('loses no byte and gives the same for every way of cutting', async () => {
    await fc.assert(
      fc.asyncProperty(message, cuts, async (text, at) => {
        const bytes = Buffer.from(text, 'latin1');
        const body = bodyOf(cutBytes(bytes, at));
        const head = await readHead(body, 10_000);
        const parts = [...(head?.fields ?? []).map((field) => field.bytes), head?.rest ?? Buffer.alloc(0)];
        for (let piece = await body.next(); piece !== undefined; piece = await body.next()) parts.push(piece);
        expect(Buffer.concat(parts).toString('latin1')).toBe(text);
        const whole = await readHead(bodyOf([bytes]), 10_000);
        expect(head?.fields.map((field) => field.name)).toEqual(whole?.fields.map((field) => field.name));
        const end = /^(?:\r?\n)/.test(text) ? 0 : /\n(?=\r?\n)/.exec(text)?.index;
        const fields = Buffer.concat((whole?.fields ?? []).map((field) => field.bytes)).toString('latin1');
        expect(fields).toBe(end === undefined ? text : end === 0 ? '' : text.slice(0, end + 1));
      }),
      { numRuns: 1000 },
    );
  });

  it('knows names and unfolds values', async () => {
    const head = await readHead(
      bodyOf([Buffer.from('From: a\r\n b\r\nX-Y :\r\n\tz\r\nbad name: x\r\n\r\nbody')]),
      1000,
    );
    expect(head?.fields.map((field) => [field.name, fieldValue(field)])).toEqual([
      ['from', 'a b'],
      ['x-y', 'z'],
      ['', 'x'],
    ]);
    expect(head?.rest.toString()).toBe('\r\nbody');
  });

  it('gives up when the head does not end', async () => {
    expect(await readHead(bodyOf(Array.from({ length: 20 }, () => Buffer.from('a: b\n'))), 50)).toBeUndefined();
  });
});
