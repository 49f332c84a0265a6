import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asStream, cutBytes, cuts } from '../testing/chunks.ts';
import { WireReader } from './reader.ts';

describe('WireReader', () => {
  it('gives lines, bodies and the end, however the stream is cut', async () => {
    const wire = Buffer.from('LHLO x\r\nDATA\r\nhello\r\n..\r\n.\r\nQUIT\r\n');
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const reader = new WireReader(asStream(cutBytes(wire, at)));
        const lines: string[] = [];
        for (let next = await reader.line(100); next.kind !== 'end'; next = await reader.line(100)) {
          const text = next.kind === 'line' ? next.bytes.toString() : next.kind;
          lines.push(text);
          if (text !== 'DATA') continue;
          const body = reader.body('lf');
          let whole = '';
          for (let piece = await body.next(); piece !== undefined; piece = await body.next()) whole += piece.toString();
          lines.push(whole);
        }
        expect(lines).toEqual(['LHLO x', 'DATA', 'hello\n.\n', 'QUIT']);
      }),
    );
  });

  it('reads over a line that is too long, holding little of it', async () => {
    const long = Array.from({ length: 100 }, () => Buffer.alloc(1000, 97));
    const reader = new WireReader(asStream([...long, Buffer.from('\r\nNOOP\r\n')]));
    expect(await reader.line(512)).toEqual({ kind: 'too-long' });
    expect(await reader.line(512)).toMatchObject({ kind: 'line', bytes: Buffer.from('NOOP') });
    expect(await reader.line(512)).toEqual({ kind: 'end' });
  });

  it('does not read a body as often as somebody writes to it', async () => {
    const message = Buffer.from(`${'x'.repeat(20_000)}\r\n.\r\n`);
    const begin = performance.now();
    let given = 0;
    let reads = 0;
    // As a kernel does: a byte arrives every fiftieth of a millisecond, and a read gives all that is there.
    const dripping: AsyncIterable<Buffer> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          await new Promise(setImmediate);
          const arrived = Math.min(message.length, Math.max(given + 1, Math.floor((performance.now() - begin) * 50)));
          const value = message.subarray(given, arrived);
          given = arrived;
          reads += 1;
          return { done: false, value };
        },
      }),
    };
    const body = new WireReader(dripping).body('lf');
    let length = 0;
    for (let piece = await body.next(); piece !== undefined; piece = await body.next()) length += piece.length;
    expect(length).toBe(20_001);
    expect(reads).toBeLessThan(1000);
  });
});
