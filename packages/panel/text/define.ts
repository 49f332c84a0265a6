import { LANGUAGES, type Language } from '#model/right/role.ts';
import { i18n } from './language.ts';

/** A text that depends on a number, `count`: how it reads for one, and for any other. */
export interface Plural {
  readonly one: string;
  readonly other: string;
}

/** A text in every language, side by side: none can be forgotten. `{{name}}` is a value that is filled in. */
export type Entry = { readonly [language in Language]: string } | { readonly [language in Language]: Plural };

export type Entries = Readonly<Record<string, Entry>>;

type NamesIn<S> = S extends `${string}{{${infer Name}}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type Written<E> = E extends { readonly en: infer S } ? (S extends Plural ? S['one'] | S['other'] : S) : never;

type Counted<E> = E extends { readonly en: Plural } ? 'count' : never;

/** The values that a text wants; texts with none take none. */
export type Values<E> = { readonly [name in NamesIn<Written<E>> | Counted<E>]: string | number };

/** Texts of one part of the panel, known to the library of languages under their name. */
export interface Texts<T extends Entries> {
  readonly name: string;
  readonly entries: T;
}

/**
 * Declares the texts of a page or a part and makes them known. The name must be the only one of its kind; a test sees to
 * it, and that every text is used, translated, and wants the same values in each language.
 */
export function defineTexts<const T extends Entries>(name: string, entries: T): Texts<T> {
  for (const language of LANGUAGES) {
    const texts: Record<string, string> = {};
    for (const [key, entry] of Object.entries(entries)) {
      const text = entry[language];
      if (typeof text === 'string') {
        texts[key] = text;
      } else {
        texts[`${key}_one`] = text.one;
        texts[`${key}_other`] = text.other;
      }
    }
    i18n.addResourceBundle(language, name, texts);
  }
  return { name, entries };
}
