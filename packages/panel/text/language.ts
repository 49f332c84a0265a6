import i18next, { type i18n as I18n } from 'i18next';
import { LANGUAGES, type Language } from '#model/right/role.ts';

/** The one instance: it holds every text that was defined, knows plurals, and fills in values. No HTML is ever made of them. */
export const i18n: I18n = i18next.createInstance();
void i18n.init({
  lng: 'en',
  fallbackLng: 'en',
  supportedLngs: [...LANGUAGES],
  resources: {},
  initAsync: false,
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
});

/** The languages to choose from, each in its own words: whoever looks for his does not read the present one. */
export const LANGUAGE_CHOICES = [
  { value: 'nl', text: 'Nederlands', language: 'nl' },
  { value: 'en', text: 'English', language: 'en' },
] as const;

export function isLanguage(text: unknown): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The first wish that can be granted, for example of `navigator.languages`. Pure. */
export function chooseLanguage(wishes: readonly string[]): Language {
  const granted = wishes.map((wish) => wish.slice(0, 2).toLowerCase()).find(isLanguage);
  return granted ?? 'en';
}
