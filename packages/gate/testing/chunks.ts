import fc from 'fast-check';

/** Bytes that protocols trip over, more often than others. */
export const trickyBytes = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          '\r\n',
          '.',
          '\r',
          '\n',
          '\r\n.',
          '\r\n.\r\n',
          '\n.\n',
          '\n.\r\n',
          '\r.\r',
          '..',
          '\0',
          '\xff',
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 12 }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

/** Where to cut; any list of numbers does. */
export const cuts = fc.array(fc.nat(200), { maxLength: 12 });

/** The same bytes in pieces. */
export function cutBytes(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.filter((place) => place > 0 && place < bytes.length))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => Buffer.from(bytes.subarray(from, places[index] ?? bytes.length)));
}

export async function* asStream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield chunk;
}
