import { defineTexts } from '../../text/define.ts';

export const proofTexts = defineTexts('walls', {
  title: { en: 'My house', nl: 'Mijn huis' },
  lead: { en: 'The walls around', nl: 'De muren om' },
  allHold: {
    en: { one: 'The one wall holds', other: 'All {{count}} walls hold' },
    nl: { one: 'De ene muur houdt', other: 'Alle {{count}} muren houden' },
  },
  someOpen: {
    en: { one: 'One wall has a hole', other: '{{count}} walls have a hole' },
    nl: { one: 'Eén muur heeft een gat', other: '{{count}} muren hebben een gat' },
  },
  someOpenText: {
    en: 'Those who run the platform have been told by an alarm. What is open stands first below.',
    nl: 'Wie het platform beheert, heeft hier een alarm van gekregen. Wat open is, staat hieronder vooraan.',
  },
  notYet: { en: 'Nobody has looked yet', nl: 'Er is nog niet gekeken' },
  notYetText: {
    en: 'We look by ourselves about once a day while the house is awake. Or look now: it takes a few seconds.',
    nl: 'We kijken vanzelf zo eens per dag terwijl het huis wakker is. Of kijk nu: het duurt een paar tellen.',
  },
  someUntested: {
    en: { one: 'One could not be tested', other: '{{count}} could not be tested' },
    nl: { one: 'Eén kon niet worden getest', other: '{{count}} konden niet worden getest' },
  },
  someDeclared: {
    en: { one: 'one thing is visible by decision', other: '{{count}} things are visible by decision' },
    nl: { one: 'één ding is bewust zichtbaar', other: '{{count}} dingen zijn bewust zichtbaar' },
  },
  how: {
    en: 'A small program of ours goes into your house through every door and tries to look outside. Next door stands a house of ours that really has something to be found; and where walls are missing on purpose, the same program finds it.',
    nl: 'Een klein programma van ons gaat door elke deur je huis in en probeert naar buiten te kijken. Ernaast staat een huis van ons waar echt iets te vinden is; en waar de muren met opzet ontbreken, vindt hetzelfde programma dat ook.',
  },
  decoy: { en: 'From next door', nl: 'Van hiernaast' },
  decoyText: {
    en: 'found in a house of ours on the same server, behind the same walls',
    nl: 'gevonden in een huis van ons op dezelfde server, achter dezelfde muren',
  },
  own: { en: 'Its own word', nl: 'Eigen woord' },
  ownText: {
    en: 'said from inside your own container alone: its word, not a proof',
    nl: 'alleen van binnen je eigen container gezegd: zijn woord, geen bewijs',
  },
  lastLook: { en: 'Last looked', nl: 'Laatst gekeken' },
  look: { en: 'Look again now', nl: 'Kijk opnieuw' },
  lookFirst: { en: 'Look now', nl: 'Kijk nu' },
  again: {
    en: { one: 'again in one second', other: 'again in {{count}} seconds' },
    nl: { one: 'opnieuw over één seconde', other: 'opnieuw over {{count}} seconden' },
  },
  running: {
    en: 'Looking: {{done}} of {{steps}} doors are done',
    nl: 'We kijken: {{done}} van {{steps}} deuren klaar',
  },
  waking: { en: 'A house that sleeps is woken for it.', nl: 'Een slapend huis wordt ervoor gewekt.' },
  ended: { en: 'Looked again: {{found}}', nl: 'Opnieuw gekeken: {{found}}' },
  trouble: { en: 'The last look did not come to its end', nl: 'De laatste ronde kwam niet tot een einde' },
  troubleText: {
    en: 'What was found before still stands. Try again in a minute.',
    nl: 'Wat eerder gevonden is, staat er nog. Probeer het over een minuut opnieuw.',
  },
  failedLook: {
    en: 'Through the door {{door}} one could not look {{ago}}.',
    nl: 'Door de deur {{door}} kon {{ago}} niet worden gekeken.',
  },
  older: {
    en: 'Some of this was found in an earlier image. The next look is made in the one that runs now.',
    nl: 'Een deel hiervan is gevonden in een eerder image. De volgende ronde kijkt in het image dat nu draait.',
  },
  cannot: { en: 'From your house nobody can', nl: 'Vanuit je huis kan niemand' },
  through: { en: 'through {{doors}}', nl: 'door {{doors}}' },
  noFact: { en: 'something was seen', nl: 'er is iets gezien' },
  without: { en: 'Without walls', nl: 'Zonder muren' },
  withoutSeen: { en: 'it is seen', nl: 'is het te zien' },
  withoutUnseen: {
    en: 'even there it was not seen: this probe proves little here',
    nl: 'ook daar niet gezien: deze proef bewijst hier weinig',
  },
  withoutUntested: { en: 'not tested there', nl: 'daar niet getest' },
  byDecision: { en: 'Visible by decision: {{reason}}.', nl: 'Bewust zichtbaar: {{reason}}.' },
  showAll: { en: 'Show every fact', nl: 'Toon alle feiten' },
  hideAll: { en: 'Show less', nl: 'Toon minder' },
  ofTheme: { en: '{{held}} of {{all}} hold', nl: '{{held}} van {{all}} houden' },
  guarantees: { en: 'My guarantees', nl: 'Mijn garanties' },
  guaranteesText: {
    en: 'Plan {{name}}. Kept for you alone; nobody else can take any of it.',
    nl: 'Pakket {{name}}. Voor jou alleen gereserveerd; niemand anders kan er iets van afnemen.',
  },
  runs: { en: 'What my house runs', nl: 'Wat mijn huis draait' },
  image: { en: 'Image', nl: 'Image' },
  digest: { en: 'Its digest', nl: 'Vingerafdruk' },
  since: { en: 'Here since', nl: 'Hier sinds' },
  built: { en: 'Built', nl: 'Gebouwd' },
  instance: { en: 'Instance', nl: 'Instantie' },
  unknown: { en: 'not known yet', nl: 'nog niet bekend' },
});
