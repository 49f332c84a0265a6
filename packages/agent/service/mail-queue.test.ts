import { expect, test } from 'vitest';
import { parseQueue } from './mail-queue.ts';

const LISTING = `
 25m  2.9K 0t5C6f-0000c8-00 <alice@wonderland.example>
          red.king@looking-glass.example
        D white.rabbit@wonderland.example

 3h  950 1sK2Xw-000000AB3xy-1aBc <> *** frozen ***
          "john doe"@example.org

`;

test('reads what waits, and who is still to get it', () => {
  expect(parseQueue(LISTING)).toEqual([
    {
      id: '0t5C6f-0000c8-00',
      sender: 'alice@wonderland.example',
      recipients: ['red.king@looking-glass.example'],
      sizeBytes: 2970,
      ageSeconds: 1500,
      frozen: false,
    },
    {
      id: '1sK2Xw-000000AB3xy-1aBc',
      sender: '',
      recipients: ['"john doe"@example.org'],
      sizeBytes: 950,
      ageSeconds: 10_800,
      frozen: true,
    },
  ]);
  expect(parseQueue('')).toEqual([]);
});
