import { defineTexts } from '../../text/define.ts';

export const matrixTexts = defineTexts('matrix', {
  title: { en: 'Walls', nl: 'Muren' },
  lead: {
    en: 'Every probe, from every house and decoy, through every door.',
    nl: 'Elke proef, vanuit elk huis en lokhuis, door elke deur.',
  },
  noHoles: { en: 'No hole anywhere', nl: 'Nergens een gat' },
  noHolesText: {
    en: {
      one: 'One door was looked through; nothing is open.',
      other: '{{count}} doors were looked through; nothing is open.',
    },
    nl: {
      one: 'Door één deur is gekeken; niets staat open.',
      other: 'Door {{count}} deuren is gekeken; niets staat open.',
    },
  },
  holes: {
    en: { one: 'There is a hole behind one door', other: 'There are holes behind {{count}} doors' },
    nl: { one: 'Achter één deur is een gat', other: 'Achter {{count}} deuren is een gat' },
  },
  nothing: { en: 'Nobody has looked yet', nl: 'Er is nog niet gekeken' },
  nothingText: {
    en: 'The platform looks by itself: from the decoys of every node each hour, from houses that are awake about once a day. The first round comes within ten minutes.',
    nl: 'Het platform kijkt vanzelf: elk uur vanuit de lokhuizen van elke server, zo eens per dag vanuit huizen die wakker zijn. De eerste ronde komt binnen tien minuten.',
  },
  show: { en: 'Show', nl: 'Toon' },
  all: { en: 'Everything', nl: 'Alles' },
  onlyHoles: { en: 'Only holes', nl: 'Alleen gaten' },
  picture: { en: 'Probes by house and door', nl: 'Proeven per huis en deur' },
  keys: {
    en: 'Arrow keys go from cell to cell; below the picture stands what the cell is.',
    nl: 'Met de pijltjes ga je van vak naar vak; onder het beeld staat wat het vak is.',
  },
  place: { en: 'House', nl: 'Huis' },
  door: { en: 'Door', nl: 'Deur' },
  decoyOf: { en: 'Decoy of {{node}}', nl: 'Lokhuis van {{node}}' },
  cell: { en: '{{place}}, {{door}}: {{probe}}', nl: '{{place}}, {{door}}: {{probe}}' },
  looked: { en: 'looked {{ago}}', nl: 'gekeken {{ago}}' },
  neverLooked: { en: 'never looked', nl: 'nooit gekeken' },
  failed: {
    en: 'The last try {{ago}} found nothing out: {{reason}}',
    nl: 'De laatste poging {{ago}} vond niets uit: {{reason}}',
  },
  holeList: { en: 'What is open', nl: 'Wat open staat' },
  ownWord: { en: 'its own word', nl: 'eigen woord' },
  control: { en: 'How sharp the probes are', nl: 'Hoe scherp de proeven zijn' },
  controlLead: {
    en: 'The same program in a container without walls, on each node of this page.',
    nl: 'Hetzelfde programma in een container zonder muren, op elke server van deze pagina.',
  },
  found: { en: 'finds {{found}} of {{looked}}', nl: 'vindt {{found}} van {{looked}}' },
  missed: { en: 'not found even there: {{probes}}', nl: 'ook daar niet gevonden: {{probes}}' },
  noControl: { en: 'not looked yet', nl: 'nog niet gekeken' },
  run: { en: 'Look everywhere now', nl: 'Kijk nu overal' },
  ranClosed: { en: 'Looked everywhere: nothing is open', nl: 'Overal gekeken: niets staat open' },
  ranOpen: {
    en: 'Looked everywhere: not everything is as promised',
    nl: 'Overal gekeken: niet alles is zoals beloofd',
  },
});
