import { expect, test } from 'vitest';
import { hashPassword } from '../secret/password.ts';
import { verifyPassword } from './verify.ts';

test('a password has its own hash and no other, and without a hash the answer is no', async () => {
  const stored = await hashPassword('een fiets in het hofje');
  expect(await verifyPassword('een fiets in het hofje', stored)).toBe(true);
  expect(await verifyPassword('een fiets in het hof', stored)).toBe(false);
  for (const none of [null, undefined]) expect(await verifyPassword('een fiets in het hofje', none)).toBe(false);
});

test('whether there is a hash does not show in the work: both take the same, side by side', async () => {
  const stored = await hashPassword('een fiets in het hofje');
  const time = async (hash: string | undefined) => {
    const began = process.hrtime.bigint();
    await verifyPassword('not the password', hash);
    return Number(process.hrtime.bigint() - began);
  };
  await time(undefined);
  const ratios: number[] = [];
  for (let turn = 0; turn < 9; turn += 1) {
    // In turns, so that whatever else the machine does meets both.
    const [first, then] = turn % 2 === 0 ? [stored, undefined] : [undefined, stored];
    const [a, b] = [await time(first), await time(then)];
    ratios.push(turn % 2 === 0 ? a / b : b / a);
  }
  const median = ratios.toSorted((a, b) => a - b)[4] ?? 0;
  expect(median).toBeGreaterThan(0.67);
  expect(median).toBeLessThan(1.5);
});
