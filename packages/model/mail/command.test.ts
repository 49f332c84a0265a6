import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import corpus from '#corpus/pipe-texts.json' with { type: 'json' };
import { HofjeError } from '../error.ts';
import { formatPipeCommand, PIPE_TEXT_MAX, parsePipeCommand, readPipeCommand } from './command.ts';

describe('the rule', () => {
  test.each([
    ['cat', ['cat']],
    ['  a \t b  ', ['a', 'b']],
    ["'a b'", ['a b']],
    ["'a\\nb'", ['a\\nb']],
    ['"a b"', ['a b']],
    ['"a\\"b\\\\c"', ['a"b\\c']],
    ['"a\\nb\\$c"', ['a\\nb\\$c']],
    ['a\\ b', ['a b']],
    ['\\\\', ['\\']],
    ['a"b c"d', ['ab cd']],
    ["x ''", ['x', '']],
    ['x ""', ['x', '']],
    ["x '' ''", ['x', '', '']],
    ['sh -c \'cat > "$HOME"/mail; exit 0\'', ['sh', '-c', 'cat > "$HOME"/mail; exit 0']],
    ['|/home/site/bin/sort', ['/home/site/bin/sort']],
    [' | php filter.php', ['php', 'filter.php']],
    ['||x', ['|x']],
    ["'|x'", ['|x']],
    ['a | b', ['a', '|', 'b']],
    ['cat\n', ['cat']],
    ['\r\ncat\r\n', ['cat']],
    ["sh -c 'a\nb'", ['sh', '-c', 'a\nb']],
    ['"a\nb"', ['a\nb']],
    ['a\\\nb', ['a\nb']],
    ['a\\ ', ['a ']],
    ['a\\  ', ['a ']],
    ['a\\\\ ', ['a\\']],
    ['\\🙂', ['🙂']],
    ['a\u00a0b', ['a\u00a0b']],
    ['-n --x', ['-n', '--x']],
    ["'a'\\''b'", ["a'b"]],
  ])('%j becomes %j', (text, argv) => {
    expect(parsePipeCommand(text)).toEqual(argv);
  });

  test.each([
    '$HOME',
    '${run{id}}',
    '`id`',
    '$(id)',
    '*',
    '?',
    '~',
    '#x',
    '%h',
    'a;b',
    'a&&b',
    '>x',
    '<x',
    '!x',
    '{a,b}',
    ':fail:',
    ':include:/x',
    '${readfile{/etc/passwd}}',
    '$address_pipe',
  ])('%s means nothing', (text) => {
    expect(parsePipeCommand(`echo ${text}`)).toEqual(['echo', text]);
  });

  test.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['|', 'empty'],
    ["''", 'first word'],
    ['"" x', 'first word'],
    ["a 'b", '(character 3)'],
    ['a "b', '(character 3)'],
    ['🙂 "b', '(character 3)'],
    ['a \\', '(character 3)'],
    ['a\nb', '(character 2)'],
    ['a\rb', '(character 2)'],
    ['a\0b', '(character 2)'],
    ['a\ud800b', 'Unicode'],
    ['x'.repeat(PIPE_TEXT_MAX + 1), 'longer'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => parsePipeCommand(text)).toThrow(why);
    expect(() => parsePipeCommand(text)).toThrow(expect.objectContaining({ code: 'pipe.invalid', field: 'pipe' }));
  });

  test('64 KiB are accepted', () => {
    expect(parsePipeCommand('x'.repeat(PIPE_TEXT_MAX))).toHaveLength(1);
  });
});

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(' ', "'", '"', '\\', '\n', '|', 'a', '$', '`') }),
);
const clean = word.filter((text) => text.isWellFormed() && !text.includes('\0'));

describe('properties', () => {
  test('words that are written out are read as they were', () => {
    const argv = fc
      .tuple(
        clean.filter((text) => text !== ''),
        fc.array(clean),
      )
      .map(([first, rest]) => [first, ...rest]);
    fc.assert(
      fc.property(argv, (words) => {
        expect(parsePipeCommand(formatPipeCommand(words))).toEqual(words);
      }),
      { numRuns: 1000 },
    );
  });

  test('a character that the rule does not name stands for itself', () => {
    const plain = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => text.isWellFormed() && !/[\s'"\\|\0]/.test(text));
    fc.assert(
      fc.property(plain, (text) => {
        expect(parsePipeCommand(text)).toEqual([text]);
        expect(parsePipeCommand(`x '${text}' "${text}"`)).toEqual(['x', text, text]);
      }),
      { numRuns: 1000 },
    );
  });

  test('between single quotes everything stands for itself', () => {
    fc.assert(
      fc.property(
        clean.filter((text) => !text.includes("'")),
        (text) => {
          expect(parsePipeCommand(`x '${text}'`)).toEqual(['x', text]);
        },
      ),
    );
  });

  test('any text is refused by name or becomes words whose characters were all in it', () => {
    fc.assert(
      fc.property(fc.oneof(word, fc.string({ unit: 'binary' })), (text) => {
        try {
          const argv = parsePipeCommand(text);
          expect(argv[0]).not.toBe('');
          for (const character of argv.join('')) expect(text).toContain(character);
        } catch (error) {
          expect(error).toBeInstanceOf(HofjeError);
          expect(error).toMatchObject({ code: 'pipe.invalid', field: 'pipe' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the corpus of hostile texts', () => {
  test.each(corpus)('$what: $text', ({ text }) => {
    let argv: string[];
    try {
      argv = parsePipeCommand(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'pipe.invalid', field: 'pipe' });
      return;
    }
    expect(parsePipeCommand(formatPipeCommand(argv))).toEqual(argv);
  });
});

test.each([
  ["cat 'a", { kind: 'single', at: 4 }],
  ['🙂 "a', { kind: 'double', at: 3 }],
  ['cat \\', { kind: 'backslash', at: 4 }],
  ['cat\nrm', { kind: 'lines', at: 3 }],
  ['', { kind: 'empty' }],
  ["'' x", { kind: 'nameless' }],
])('an editor learns what is wrong with %j, and where', (text, fault) => {
  expect(readPipeCommand(text)).toEqual({ fault });
});
