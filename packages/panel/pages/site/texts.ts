import { defineTexts } from '../../text/define.ts';

export const siteTexts = defineTexts('site', {
  sites: { en: 'Houses', nl: 'Huizen' },
});
