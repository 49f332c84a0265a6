import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBytes, cuts, trickyBytes } from '../testing/chunks.ts';
import { DATA_END, DataDecoder, DotStuffer, type Newline } from './data.ts';

/** The message that the chunks hold, and what follows it; undefined rest when it does not end. */
function decode(newline: Newline, chunks: readonly Buffer[]): { text: string; rest: string | undefined } {
  const decoder = new DataDecoder(newline);
  let text = '';
  for (const [index, chunk] of chunks.entries()) {
    const { bytes, rest } = decoder.push(chunk);
    text += bytes.toString('latin1');
    if (rest !== undefined) return { text, rest: Buffer.concat([rest, ...chunks.slice(index + 1)]).toString('latin1') };
  }
  return { text, rest: undefined };
}

function stuff(chunks: readonly Buffer[]): Buffer {
  const stuffer = new DotStuffer();
  return Buffer.concat(chunks.map((chunk) => stuffer.push(chunk)));
}

/** Said in the plainest way, on the whole text at once. */
function reference(newline: Newline, wire: string): { text: string; rest: string | undefined } {
  const end = wire.startsWith('.\r\n') ? 0 : wire.indexOf('\r\n.\r\n') + 2;
  if (end === 1) return { text: '', rest: undefined };
  const lines = wire.slice(0, end).split('\r\n');
  const unstuffed = lines.map((line) => (line.startsWith('.') ? line.slice(1) : line));
  const text =
    newline === 'lf' ? unstuffed.join('\n') : unstuffed.map((line) => line.replaceAll(/\r|\n/g, '\r\n')).join('\r\n');
  return { text, rest: wire.slice(end + 3) };
}

const MODES = ['lf', 'crlf'] as const;

describe('DataDecoder', () => {
  it.each(MODES)('gives the same for every way of cutting (%s)', (newline) => {
    fc.assert(
      fc.property(trickyBytes, cuts, (bytes, at) => {
        const wire = Buffer.concat([bytes, Buffer.from('\r\n.\r\n'), bytes]);
        expect(decode(newline, cutBytes(wire, at))).toEqual(decode(newline, [wire]));
        expect(decode(newline, [wire])).toEqual(reference(newline, wire.toString('latin1')));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes each byte alone', () => {
    const wire = Buffer.from('a\r\n..b\r\n.\r\r\n\r\n.c\r\n.\r\nQUIT\r\n');
    const bytes = [...wire].map((byte) => Buffer.from([byte]));
    expect(decode('lf', bytes)).toEqual({ text: 'a\n.b\n\r\n\nc\n', rest: 'QUIT\r\n' });
  });

  it.each(['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r', '\r.\r\n'])('is not ended by %j', (fake) => {
    const { text, rest } = decode('crlf', [Buffer.from(`a${fake}MAIL FROM:<x@y>\r\n.\r\n`)]);
    expect(text).toContain('MAIL FROM');
    expect(rest).toBe('');
  });

  it('passes every byte value but the line ends', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const wire = Buffer.concat([all, Buffer.from('\r\n.\r\n')]);
    expect(decode('lf', [wire]).text).toBe(`${all.toString('latin1')}\n`);
  });
});

describe('DotStuffer', () => {
  it('is undone by the decoder, however both are cut', () => {
    fc.assert(
      fc.property(trickyBytes, cuts, cuts, (bytes, first, second) => {
        const text = decode('crlf', [Buffer.concat([bytes, Buffer.from('\r\n.\r\n')])]).text;
        const wire = Buffer.concat([stuff(cutBytes(Buffer.from(text, 'latin1'), first)), DATA_END]);
        expect(decode('crlf', cutBytes(wire, second))).toEqual({ text, rest: '' });
        // No server can take a line of the message for its end, whatever it holds to be the end of a line.
        expect(wire.subarray(0, -DATA_END.length).toString('latin1')).not.toMatch(/(^|[\r\n])\.[\r\n]/);
      }),
      { numRuns: 2000 },
    );
  });
});
