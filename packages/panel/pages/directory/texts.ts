import { defineTexts } from '../../text/define.ts';

export const directoryTexts = defineTexts('directory', {
  sites: { en: 'All sites', nl: 'Alle sites' },
  lead: { en: 'Of every account, by name.', nl: 'Van elk account, op naam.' },
  find: { en: 'Part of a name', nl: 'Deel van een naam' },
  site: { en: 'Site', nl: 'Site' },
  state: { en: 'State', nl: 'Toestand' },
  plan: { en: 'Plan', nl: 'Pakket' },
  account: { en: 'Account', nl: 'Account' },
  toAccount: { en: 'Its account', nl: 'Het account' },
  also: { en: 'also called {{name}}', nl: 'ook bekend als {{name}}' },
  none: { en: 'No site yet', nl: 'Nog geen site' },
  noneText: {
    en: 'Every site of every account stands in this list as soon as it is made.',
    nl: 'Elke site van elk account staat in deze lijst zodra hij is gemaakt.',
  },
  notFound: { en: 'No site is called that.', nl: 'Geen site heet zo.' },
});
