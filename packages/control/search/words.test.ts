import { expect, test } from 'vitest';
import { wordsOf } from './words.ts';

test('letters are looked for as they are, wherever they stand', () => {
  expect(wordsOf(' Bakker ')).toMatchObject({ exact: { text: 'bakker' }, begins: 'bakker%', within: '%bakker%' });
});

test('what LIKE would read otherwise is a letter like any other', () => {
  expect(wordsOf('100%_\\')?.within).toBe('%100\\%\\_\\\\%');
});

test('one or two letters are looked for at the beginning', () => {
  expect(wordsOf('ba')?.within).toBe('ba%');
});

test('a name in other letters is looked for as the DNS has it', () => {
  expect(wordsOf('münchen.example')?.exact.text).toBe('xn--mnchen-3ya.example');
});

test('nothing but space is nothing', () => {
  expect(wordsOf('   ')).toBeUndefined();
});
