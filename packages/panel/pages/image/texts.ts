import { defineTexts } from '../../text/define.ts';

export const imageTexts = defineTexts('image', {
  images: { en: 'Images', nl: 'Images' },
  lead: {
    en: 'Everything that runs comes from one of these, named by its digest and never changed.',
    nl: 'Alles wat draait komt uit een van deze, genoemd naar zijn digest en nooit veranderd.',
  },
  none: { en: 'No image yet', nl: 'Nog geen image' },
  noneText: {
    en: 'Images are built with hofje image build and made known with hofje image register.',
    nl: 'Images worden gebouwd met hofje image build en bekendgemaakt met hofje image register.',
  },
  digest: { en: 'Digest', nl: 'Digest' },
  built: { en: 'Built', nl: 'Gebouwd' },
  packages: { en: 'Packages', nl: 'Pakketten' },
  current: { en: 'Current', nl: 'Huidig' },
  currentText: { en: 'New sites and nodes get it', nl: 'Nieuwe sites en nodes krijgen het' },
  use: { en: 'Make current', nl: 'Maak huidig' },
  used: { en: 'New ones get this {{kind}} from now on', nl: 'Nieuwe krijgen voortaan deze {{kind}}' },
});
