import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { LANGUAGES } from '#model/right/role.ts';
import type { Entry, Texts } from './define.ts';

const PANEL = join(import.meta.dirname, '..');

/** The same in both languages, rightly. */
const SAME = new Set([
  'Hofje',
  'Platform',
  'Menu',
  'Plan',
  'Type',
  'Processor',
  'Website',
  'Stop',
  'Mail',
  'TXT',
  'Account',
  'Accounts',
  'account',
  'Site',
  'Sites',
  'site',
  'mailbox',
  'node',
  'Image',
  'Images',
  'Digest',
  'Kernel',
  'Argument {{number}}',
  'Link',
  'Passkeys',
  'SSL/TLS',
  'STARTTLS',
  'Server',
  'Token',
]);

interface File {
  readonly path: string;
  readonly text: string;
}

const files: File[] = [];
for await (const path of glob('**/*.{ts,tsx}', { cwd: PANEL })) {
  if (!path.endsWith('.test.ts')) files.push({ path, text: readFileSync(join(PANEL, path), 'utf8') });
}

/** Every set of texts that some file declares, with the files that may use it: those of its folder, and those that name it. */
interface Declared {
  readonly path: string;
  readonly texts: Texts<Record<string, Entry>>;
  readonly users: readonly File[];
  /** Its keys are all words of a type, by `satisfies Record<..., Entry>`: the compiler sees to it, and they are said by variables. */
  readonly isOfType: boolean;
}

async function readDeclared(): Promise<Declared[]> {
  const declared: Declared[] = [];
  for (const { path, text } of files.filter((file) => file.text.includes('= defineTexts('))) {
    for (const [, name = ''] of text.matchAll(/const (\w+) = defineTexts\(/g)) {
      const texts = await readTexts(path, text, name);
      const users = files.filter(
        (file) => dirname(file.path) === dirname(path) || new RegExp(`\\b${name}\\b`).test(file.text),
      );
      const isOfType =
        new RegExp(`const ${name} = defineTexts\\([\\s\\S]*?\\n\\}( satisfies [^)]+)?\\);`).exec(text)?.[1] !==
        undefined;
      declared.push({ path, texts, users, isOfType });
    }
  }
  return declared;
}

/** The entries as the source has them: components cannot be loaded here, object literals can. */
async function readTexts(path: string, text: string, name: string): Promise<Texts<Record<string, Entry>>> {
  const from = text.indexOf(`const ${name} = defineTexts(`);
  const end = /\n\}(?: satisfies [^)]+)?\);/.exec(text.slice(from))?.index ?? 0;
  const call = text.slice(text.indexOf('(', from) + 1, from + end + 2);
  const [, label = ''] = /^\s*'([^']+)',/.exec(call) ?? [];
  const literal = call.slice(call.indexOf('{'));
  const source = `export const entries = ${literal};`;
  const module = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
    entries: Record<string, Entry>;
  };
  expect(label, `${path}: ${name} has a name`).not.toBe('');
  return { name: label, entries: module.entries };
}

const declared = await readDeclared();

/** Whether there is anything to translate: values and units are none. */
const hasWords = (text: string) => /[A-Za-z]{3,}/.test(text.replace(/\{\{\w+\}\}/g, ''));

const formsOf = (entry: Entry, language: 'nl' | 'en'): readonly string[] => {
  const text = entry[language];
  return typeof text === 'string' ? [text] : [text.one, text.other];
};
const valuesOf = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted();

test('texts are found, and no two sets have one name', () => {
  expect(declared.length).toBeGreaterThan(5);
  const names = declared.map(({ texts }) => texts.name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

const rows = declared.flatMap(({ path, texts, users, isOfType }) =>
  Object.entries(texts.entries).map(([key, entry]) => ({
    path,
    key,
    entry,
    users,
    isOfType,
    full: `${texts.name} ${key}`,
  })),
);

test.each(rows)('$full is there in each language, translated, with the same values', ({ entry }) => {
  for (const language of LANGUAGES) {
    for (const text of formsOf(entry, language)) {
      expect(text.trim()).not.toBe('');
      expect(text).toBe(text.trim());
    }
  }
  const [dutch, english] = [formsOf(entry, 'nl'), formsOf(entry, 'en')];
  expect(dutch.length).toBe(english.length);
  expect(valuesOf(dutch.at(-1) ?? '')).toEqual(valuesOf(english.at(-1) ?? ''));
  if (hasWords(english[0] ?? '') && !SAME.has(english[0] ?? '')) expect(dutch[0]).not.toBe(english[0]);
});

/** Keys made of a part that varies: `say(state)` where the values of the variable are the keys themselves. */
const VARYING = new Set([
  'site-state',
  'problems',
  'node-health',
  'through',
  'found-kind',
  'established-by',
  'probe',
  'probe-door',
  'probe-verdict',
  'probe-theme',
  'probe-declared',
]);

test.each(rows.filter(({ full, isOfType }) => !isOfType && !VARYING.has(full.split(' ')[0] ?? '')))(
  '$full is used',
  ({ path, key, users }) => {
    const used = users.some((file) => {
      const text = file.path === path ? withoutDeclarations(file.text) : file.text;
      return new RegExp(`['\`]${key.replaceAll('.', '\\.')}['\`]`).test(text);
    });
    // A role or state that comes from the API is a key by itself, named in no source.
    expect(used || FROM_API.has(key), `${key} of ${path} is used nowhere`).toBe(true);
  },
);

/** Words of the API that are keys. */
const FROM_API = new Set([
  'primary',
  'alias',
  'owner',
  'collaborator',
  'reader',
  'administrator',
  'support',
  'approver',
]);

function withoutDeclarations(text: string): string {
  return text.replace(/= defineTexts\([\s\S]*?\n\}(?: satisfies [^)]+)?\);/g, '');
}

test('no component says anything by itself: words between tags and in spoken attributes come from texts', () => {
  const spoken = /(?:aria-label|placeholder|title|alt|label|lead|hint)="[^"]*[A-Za-z]{2,}[^"]*"/g;
  const between = />\s*([A-Z][a-z]+(?: [a-z]+)+[^<>{}]*)</g;
  const found = files
    .filter(({ path }) => path.endsWith('.tsx'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(spoken), ...text.matchAll(between)].map(([match]) => `${path}: ${match}`),
    );
  expect(found).toEqual([]);
});
