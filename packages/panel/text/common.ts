import { defineTexts } from './define.ts';

/** Words that many pages need. */
export const common = defineTexts('common', {
  save: { en: 'Save', nl: 'Opslaan' },
  cancel: { en: 'Cancel', nl: 'Annuleren' },
  done: { en: 'Done', nl: 'Klaar' },
  close: { en: 'Close', nl: 'Sluiten' },
  undo: { en: 'Undo', nl: 'Ongedaan maken' },
  retry: { en: 'Try again', nl: 'Probeer opnieuw' },
  back: { en: 'Back', nl: 'Terug' },
  copy: { en: 'Copy', nl: 'Kopieer' },
  copied: { en: 'Copied', nl: 'Gekopieerd' },
  copyOf: { en: 'Copy {{what}}', nl: 'Kopieer {{what}}' },
  more: { en: 'Show more', nl: 'Meer tonen' },
  loading: { en: 'Loading…', nl: 'Laden…' },
  dismiss: { en: 'Dismiss', nl: 'Verberg' },
});
