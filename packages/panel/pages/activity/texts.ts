import { defineTexts } from '../../text/define.ts';

export const activityTexts = defineTexts('activity', {
  activity: { en: 'Activity', nl: 'Logboek' },
  lead: {
    en: 'Every change to what is yours, with who made it, through what and from where. It can be kept and checked elsewhere.',
    nl: 'Elke verandering aan wat van jou is, met wie het deed, waarmee en waarvandaan. Je kunt het elders bewaren en controleren.',
  },
  account: { en: 'Account', nl: 'Account' },
  when: { en: 'When', nl: 'Wanneer' },
  all: { en: 'Always', nl: 'Altijd' },
  day: { en: 'One day', nl: 'Eén dag' },
  week: { en: 'A week', nl: 'Een week' },
  month: { en: 'A month', nl: 'Een maand' },
  who: { en: 'By whom', nl: 'Door wie' },
  everybody: { en: 'Everybody', nl: 'Iedereen' },
  me: { en: 'Me', nl: 'Mij' },
  nothing: { en: 'Nothing was changed then.', nl: 'Toen is er niets veranderd.' },
  what: { en: 'What', nl: 'Wat' },
});
