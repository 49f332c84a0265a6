import { createContext, type ReactNode, useContext, useMemo } from 'react';
import type { Language } from '#model/right/role.ts';
import type { Entries, Texts, Values } from './define.ts';
import { i18n } from './language.ts';

const LanguageContext = createContext<Language>('en');

export function LanguageProvider({
  language,
  children,
}: {
  readonly language: Language;
  readonly children: ReactNode;
}) {
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

/** Gives a text by its key, with its values filled in. */
export type Say<T extends Entries> = <K extends keyof T & string>(
  key: K,
  ...values: keyof Values<T[K]> extends never ? [] : [Values<T[K]>]
) => string;

/** The texts of a page or part in the language of the moment. */
export function useTexts<T extends Entries>(texts: Texts<T>): Say<T> {
  const language = useLanguage();
  return useMemo(() => sayIn(language, texts), [language, texts]);
}

/** The same outside of components. */
export function sayIn<T extends Entries>(language: Language, texts: Texts<T>): Say<T> {
  // Its own type knows nothing of our keys; ours does, and more strictly.
  const translate = i18n.getFixedT(language, texts.name) as (key: string, values: object) => string;
  return (key, ...[values]) => translate(key, { ...values });
}
