import { useMemo } from 'react';
import type { Language } from '#model/right/role.ts';
import { useLanguage } from './useTexts.tsx';

/** Numbers, sizes and moments as the reader's country writes them. */
export interface Formats {
  number(value: number): string;
  /** Of the whole, 0 to 1. */
  percent(share: number): string;
  /** 1,5 GB, in steps of 1024, as limits are set. */
  bytes(value: number): string;
  /** 14:05 */
  time(moment: string): string;
  /** 24 november 2026 */
  date(moment: string): string;
  /** 24 nov 2026 14:05 */
  moment(moment: string): string;
  /** “3 minutes ago”, of a moment as seen from `now`. */
  ago(moment: string, now: number): string;
}

export function useFormats(): Formats {
  const language = useLanguage();
  return useMemo(() => formatsFor(language), [language]);
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;
const SPANS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** The country whose habits go with a language. Pure. */
export function localeOf(language: Language): string {
  return language === 'nl' ? 'nl-NL' : 'en-GB';
}

export function formatsFor(language: Language): Formats {
  const locale = localeOf(language);
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    bytes(value) {
      const step = Math.min(Math.floor(Math.log2(Math.max(value, 1)) / 10), UNITS.length - 1);
      const scaled = value / 1024 ** step;
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: UNITS[step] ?? 'byte',
        unitDisplay: 'short',
        maximumFractionDigits: scaled < 10 && step > 0 ? 1 : 0,
      }).format(scaled);
    },
    time: (text) => time.format(new Date(text)),
    date: (text) => date.format(new Date(text)),
    moment: (text) => moment.format(new Date(text)),
    ago(text, now) {
      const seconds = Math.round((Date.parse(text) - now) / 1000);
      const [unit, size] = SPANS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
      return relative.format(Math.round(seconds / size), unit);
    },
  };
}
