import { defineTexts } from '../text/define.ts';

export const frameTexts = defineTexts('frame', {
  skip: { en: 'Skip to the content', nl: 'Naar de inhoud' },
  navigation: { en: 'Main', nl: 'Hoofdmenu' },
  operator: { en: 'Platform', nl: 'Platform' },
  menu: { en: 'Menu', nl: 'Menu' },
  search: { en: 'Find or do', nl: 'Zoek of doe' },
  searchHint: { en: 'Type a page or a name', nl: 'Typ een pagina of een naam' },
  nothingFound: { en: 'Nothing is called that.', nl: 'Niets heet zo.' },
  you: { en: 'You', nl: 'Jij' },
  theme: { en: 'Light or dark', nl: 'Licht of donker' },
  system: { en: 'System', nl: 'Systeem' },
  light: { en: 'Light', nl: 'Licht' },
  dark: { en: 'Dark', nl: 'Donker' },
  language: { en: 'Language', nl: 'Taal' },
  settings: { en: 'Profile and security', nl: 'Profiel en beveiliging' },
  logOut: { en: 'Log out', nl: 'Uitloggen' },
  lost: { en: 'Connection lost, trying again…', nl: 'Verbinding weg, we proberen het opnieuw…' },
  support: {
    en: 'You are looking into the account {{account}} as support, until {{until}}: “{{reason}}”',
    nl: 'Je kijkt als ondersteuning in het account {{account}}, tot {{until}}: “{{reason}}”',
  },
  supportReading: { en: 'Reading only.', nl: 'Alleen lezen.' },
  supportWriting: { en: 'Its owner lets you change things.', nl: 'De eigenaar laat je dingen veranderen.' },
  supportEnd: { en: 'End it', nl: 'Beëindigen' },
  supportEnded: { en: 'You are out of {{account}} again', nl: 'Je bent weer uit {{account}}' },
  found: { en: '{{kind}} of {{account}}', nl: '{{kind}} van {{account}}' },
  messages: { en: 'Messages', nl: 'Meldingen' },
});

export const foundTexts = defineTexts('found-kind', {
  account: { en: 'account', nl: 'account' },
  site: { en: 'site', nl: 'site' },
  domain: { en: 'domain', nl: 'domein' },
  mailbox: { en: 'mailbox', nl: 'mailbox' },
  forwarder: { en: 'forwarder', nl: 'doorstuuradres' },
  person: { en: 'person', nl: 'persoon' },
  node: { en: 'node', nl: 'node' },
});
