import { defineTexts } from '../../text/define.ts';

export const auditTexts = defineTexts('audit', {
  audit: { en: 'What was done', nl: 'Wat is gedaan' },
  lead: {
    en: 'Every change, by whom, through what, from where. Nothing in it can be altered without its being found.',
    nl: 'Elke verandering, door wie, waarmee, waarvandaan. Niets ervan kan veranderd worden zonder dat het opvalt.',
  },
  filter: { en: 'Only some', nl: 'Alleen sommige' },
  account: { en: 'Account', nl: 'Account' },
  person: { en: 'Who (id)', nl: 'Wie (id)' },
  object: { en: 'What (id)', nl: 'Wat (id)' },
  action: { en: 'Action', nl: 'Handeling' },
  since: { en: 'From', nl: 'Vanaf' },
  until: { en: 'Up to and including', nl: 'Tot en met' },
  show: { en: 'Show', nl: 'Tonen' },
  all: { en: 'Everything again', nl: 'Weer alles' },
  at: { en: 'When', nl: 'Wanneer' },
  who: { en: 'Who', nl: 'Wie' },
  what: { en: 'What was done', nl: 'Wat er gebeurde' },
  machine: { en: 'the machine itself', nl: 'de machine zelf' },
  system: { en: 'the platform', nl: 'het platform' },
  anyone: { en: 'somebody unknown', nl: 'iemand onbekend' },
  from: { en: 'from {{address}}', nl: 'vanaf {{address}}' },
  asSupport: { en: 'as support', nl: 'als ondersteuning' },
  asOperator: { en: 'as operator', nl: 'als beheerder' },
  details: { en: 'What changed', nl: 'Wat er veranderde' },
  before: { en: 'Before', nl: 'Ervoor' },
  after: { en: 'After', nl: 'Erna' },
  nothing: { en: 'Nothing was done that fits.', nl: 'Er is niets gedaan dat past.' },
  chain: { en: 'The chain', nl: 'De keten' },
  chainLead: {
    en: 'Each entry’s hash covers the one before. Note the last one down elsewhere: hofje audit verify --head proves later that nothing before it was changed.',
    nl: 'De hash van elke regel omvat de vorige. Noteer de laatste ergens anders: hofje audit verify --head bewijst later dat er niets voor is veranderd.',
  },
  entries: { en: 'Entries', nl: 'Regels' },
  lastHash: { en: 'Last hash', nl: 'Laatste hash' },
  verify: { en: 'Verify here', nl: 'Hier nagaan' },
  verifying: { en: 'Figured out {{count}} hashes…', nl: '{{count}} hashes nagerekend…' },
  intact: {
    en: {
      one: 'One entry was figured out anew in this browser: unbroken.',
      other: '{{count}} entries were figured out anew in this browser: unbroken.',
    },
    nl: {
      one: 'Eén regel is in deze browser nagerekend: ongebroken.',
      other: '{{count}} regels zijn in deze browser nagerekend: ongebroken.',
    },
  },
  broken: { en: 'The chain is broken at entry {{sequence}}', nl: 'De keten is gebroken bij regel {{sequence}}' },
  download: { en: 'Download as JSON lines', nl: 'Downloaden als JSON-regels' },
});

export const throughTexts = defineTexts('through', {
  panel: { en: 'in the panel', nl: 'in het paneel' },
  cli: { en: 'on the command line', nl: 'op de commandoregel' },
  token: { en: 'with a token', nl: 'met een token' },
  machine: { en: 'on the machine', nl: 'op de machine' },
  mailbox: { en: 'as the user of a mailbox', nl: 'als gebruiker van een mailbox' },
  node: { en: 'as a node', nl: 'als node' },
  system: { en: 'by itself', nl: 'vanzelf' },
  anyone: { en: 'without a name', nl: 'zonder naam' },
});
