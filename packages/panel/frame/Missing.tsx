import { defineTexts } from '../text/define.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Page } from './Page.tsx';

const texts = defineTexts('missing', {
  title: { en: 'No such page', nl: 'Deze pagina is er niet' },
  text: {
    en: 'There is nothing at this address, or it is not yours to see.',
    nl: 'Op dit adres is niets, of je mag het niet zien.',
  },
  home: { en: 'To the courtyard', nl: 'Naar het hofje' },
});

/** What is shown at an address where there is nothing. */
export function Missing() {
  const say = useTexts(texts);
  return (
    <Page title={say('title')}>
      <p>{say('text')}</p>
      <p>
        <a href="/">{say('home')}</a>
      </p>
    </Page>
  );
}
