import { CommanderError } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { HofjeError } from '#model/error.ts';
import { linesSince, sectionsOf } from './commands/site/logs.ts';
import { exitCodeOf } from './exit.ts';
import { errorDocument, errorText, facts, printableLines, table } from './output.ts';

test('an error is one sentence, its field, and what to do', () => {
  const error = new HofjeError('domain.taken', 'that name is taken', {
    field: 'domain',
    hint: 'Choose another.\nOr ask.',
  });
  expect(errorText(error)).toBe('hofje: that name is taken (domain)\n  Choose another.\n  Or ask.');
  expect(errorDocument(error)).toEqual({
    error: { code: 'domain.taken', message: 'that name is taken', field: 'domain', hint: 'Choose another.\nOr ask.' },
  });
});

test('a defect shows where it is', () => {
  expect(errorText(new TypeError('x is not a function'))).toContain('output.test.ts');
  expect(errorDocument(new TypeError('x'))).toEqual({ error: { code: 'internal', message: 'x' } });
});

test('exit codes', () => {
  expect(exitCodeOf(new CommanderError(1, 'commander.unknownOption', 'error: unknown option'))).toBe(64);
  expect(exitCodeOf(new HofjeError('usage.file', 'x'))).toBe(64);
  expect(exitCodeOf(new HofjeError('api.unavailable', 'x'))).toBe(69);
  expect(exitCodeOf(new HofjeError('platform.unfit', 'x'))).toBe(69);
  expect(exitCodeOf(new HofjeError('auth.required', 'x'))).toBe(77);
  expect(exitCodeOf(new HofjeError('site.not-found', 'x'))).toBe(1);
  expect(exitCodeOf(new Error('x'))).toBe(1);
});

test('tables have columns as wide as they must be, and no spaces at the end of a line', () => {
  expect(
    table(
      ['A', 'LONG', 'C'],
      [
        ['aaa', '', 'c'],
        ['a', 'bb', ''],
      ],
    ),
  ).toBe('A    LONG  C\naaa        c\na    bb');
  expect(
    facts([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toBe('a     1\nlong  2');
});

test('followed logs go on after what was seen, also where lines repeat', () => {
  expect(linesSince([], ['a'])).toEqual(['a']);
  expect(linesSince(['a', 'b'], ['a', 'b', 'c'])).toEqual(['c']);
  expect(linesSince(['a', 'b'], ['a', 'b'])).toEqual([]);
  expect(linesSince(['x', 'x'], ['x', 'x', 'x'])).toEqual([]);
  expect(linesSince(['a', 'b'], ['c', 'd'])).toEqual(['c', 'd']);
  expect(linesSince(['a', 'b', 'b'], ['b', 'b', 'c', 'b'])).toEqual(['c', 'b']);
});

test('what could steer a terminal is shown as its code', () => {
  expect(table(['A'], [['x\u001b[31m\u202e\r']])).toBe('A\nx\\u{1b}[31m\\u{202e}\\u{d}');
  expect(facts([['a', 'b\u0007']])).toBe('a  b\\u{7}');
  expect(printableLines('a\tb\r\nc\u001b')).toBe('a\tb\nc\\u{1b}');
});

test('logs of several files are told apart', () => {
  const sections = sectionsOf(['==> a.log <==', 'one', '', 'two', '', '==> b.log <==', '==> c.log <==', 'three']);
  expect([...sections]).toEqual([
    ['a.log', ['one', '', 'two']],
    ['b.log', []],
    ['c.log', ['three']],
  ]);
});
