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

export function isLanguage(text: unknown): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The first wish that can be granted, for example of `navigator.languages`. Pure. */
export function chooseLanguage(wishes: readonly string[]): Language {
  const granted = wishes.map((wish) => wish.slice(0, 2).toLowerCase()).find(isLanguage);
  return granted ?? 'en';
}
