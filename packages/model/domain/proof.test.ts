import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isProof, proofRecordName, proofRecordValue } from './proof.ts';

test('the record lies below the domain, beside no host', () => {
  expect(proofRecordName('example.com')).toBe('_hofje.example.com');
});

test('a record cut into strings counts whole', () => {
  const value = proofRecordValue('abc');
  expect(isProof([['v=spf1 -all'], [value.slice(0, 5), value.slice(5)]], 'abc')).toBe(true);
});

test('no other text is a proof', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string())), fc.string({ minLength: 40 }), (records, token) => {
      expect(isProof(records, token)).toBe(false);
    }),
  );
  expect(isProof([[`${proofRecordValue('abc')}d`], ['abc'], [`x${proofRecordValue('abc')}`]], 'abc')).toBe(false);
});
