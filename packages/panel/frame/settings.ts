import { useSyncExternalStore } from 'react';
import type { Language } from '#model/right/role.ts';
import { chooseLanguage, isLanguage } from '../text/language.ts';

/** What a browser keeps of its user's taste. Nothing in it is a secret, and the panel works without. */
export type Theme = 'system' | 'light' | 'dark';

const THEME = 'hofje.theme';
const LANGUAGE = 'hofje.language';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Another tab may change them.
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // A browser may keep nothing at all.
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // See above: then it lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function readTheme(): Theme {
  const kept = read(THEME);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

function readLanguage(): Language {
  const kept = read(LANGUAGE);
  return isLanguage(kept) ? kept : chooseLanguage(navigator.languages);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme);
}

export function useChosenLanguage(): Language {
  return useSyncExternalStore(subscribe, readLanguage);
}

export function setTheme(theme: Theme): void {
  write(THEME, theme);
}

export function setLanguage(language: Language): void {
  write(LANGUAGE, language);
}
