import { defineTexts } from '../../text/define.ts';

export const mailTexts = defineTexts('mail', {
  mail: { en: 'Mail', nl: 'Mail' },
  lead: {
    en: 'Choose a domain: its mailboxes, and where other mail for it goes.',
    nl: 'Kies een domein: de mailboxen ervan, en waar andere mail ervoor heen gaat.',
  },
  domains: { en: 'Domains', nl: 'Domeinen' },
  domain: { en: 'Domain', nl: 'Domein' },
  delivery: { en: 'Mail', nl: 'Mail' },
  arrives: { en: 'arrives here', nl: 'komt hier aan' },
  toProve: { en: 'not yet: the domain is to be proven', nl: 'nog niet: het domein moet bewezen worden' },
  elsewhere: { en: 'goes elsewhere', nl: 'gaat ergens anders heen' },
  noDomains: { en: 'No domain yet', nl: 'Nog geen domein' },
  noDomainsText: {
    en: 'A mailbox has an address at a domain of yours. A domain comes with a website, or by itself.',
    nl: 'Een mailbox heeft een adres op een domein van jou. Een domein komt mee met een website, of op zichzelf.',
  },
  unprovenTitle: { en: 'Mail does not arrive here yet', nl: 'Mail komt hier nog niet aan' },
  unprovenText: {
    en: 'Until it is shown that {{name}} is yours, nothing for it is accepted. You can prepare everything meanwhile. Set this record, then look.',
    nl: 'Tot gebleken is dat {{name}} van jou is, wordt er niets voor aangenomen. Je kunt intussen alles klaarzetten. Zet dit record en kijk daarna.',
  },
  look: { en: 'Look now', nl: 'Kijk nu' },
  proven: {
    en: '{{name}} is proven; mail for it is accepted',
    nl: '{{name}} is bewezen; mail ervoor wordt aangenomen',
  },
  recordName: { en: 'Name of the TXT record', nl: 'Naam van het TXT-record' },
  recordValue: { en: 'Value', nl: 'Waarde' },
  mailOffText: {
    en: 'Mail for {{name}} is delivered elsewhere. What stands below counts again when it comes here.',
    nl: 'Mail voor {{name}} wordt ergens anders bezorgd. Wat hieronder staat telt weer zodra die hier komt.',
  },
  mailboxes: { en: 'Mailboxes', nl: 'Mailboxen' },
  mailboxesLead: {
    en: 'Mail that is kept here and read with a mail program.',
    nl: 'Mail die hier bewaard wordt en met een mailprogramma gelezen.',
  },
  address: { en: 'Address', nl: 'Adres' },
  room: { en: 'Room', nl: 'Ruimte' },
  since: { en: 'Since', nl: 'Sinds' },
  newMailbox: { en: 'New mailbox', nl: 'Nieuwe mailbox' },
  noMailboxes: { en: 'No mailbox yet', nl: 'Nog geen mailbox' },
  noMailboxesText: {
    en: 'Make one for each person or task: info@{{name}}, for example. It receives at once.',
    nl: 'Maak er een voor elke persoon of taak: info@{{name}} bijvoorbeeld. Hij ontvangt meteen.',
  },
  givenText: {
    en: 'Together they may grow to {{given}}; the domain has {{limit}} for all its mail.',
    nl: 'Samen mogen ze groeien tot {{given}}; het domein heeft {{limit}} voor alle mail.',
  },
  localPart: { en: 'Name before the @', nl: 'Naam voor de @' },
  localPartHint: {
    en: 'The address becomes {{address}}. A * takes what no other address takes.',
    nl: 'Het adres wordt {{address}}. Een * neemt wat geen ander adres neemt.',
  },
  password: { en: 'Password', nl: 'Wachtwoord' },
  passwordHint: {
    en: 'Leave it empty, and we make one up and show it once.',
    nl: 'Laat het leeg, dan verzinnen wij er een en tonen het één keer.',
  },
  create: { en: 'Make the mailbox', nl: 'Maak de mailbox' },
  madeTitle: { en: '{{address}} is there', nl: '{{address}} is er' },
  madeText: {
    en: 'It receives mail from now on. Set up a mail program with it, or tell whoever it is for.',
    nl: 'Hij ontvangt vanaf nu mail. Stel er een mailprogramma mee in, of geef het door aan wie hem krijgt.',
  },
  toSetup: { en: 'Set up a mail program', nl: 'Stel een mailprogramma in' },
  settledNot: {
    en: 'It is written down, but the mail server has not taken it over yet; that follows by itself.',
    nl: 'Het staat genoteerd, maar de mailserver heeft het nog niet overgenomen; dat volgt vanzelf.',
  },
  quotaTitle: { en: 'Room', nl: 'Ruimte' },
  quotaLead: {
    en: 'When it is full, mail for it waits with the sender and is not lost: make room, and it comes.',
    nl: 'Is hij vol, dan wacht mail ervoor bij de afzender en gaat niet verloren: maak ruimte en het komt.',
  },
  quotaOf: {
    en: 'It may grow to {{size}}; the domain has {{limit}} for all its mail.',
    nl: 'Hij mag groeien tot {{size}}; het domein heeft {{limit}} voor alle mail.',
  },
  quotaSaved: { en: '{{address}} has room for {{size}} now', nl: '{{address}} heeft nu ruimte voor {{size}}' },
  passwordLead: {
    en: 'Mail programs ask for it. With another one, all of them ask again.',
    nl: 'Mailprogramma’s vragen erom. Met een ander vragen ze het allemaal opnieuw.',
  },
  setPassword: { en: 'Set another password', nl: 'Stel een ander wachtwoord in' },
  passwordSet: { en: '{{address}} has another password', nl: '{{address}} heeft een ander wachtwoord' },
  setIt: { en: 'Set it', nl: 'Stel in' },
  newPassword: { en: 'New password', nl: 'Nieuw wachtwoord' },
  remove: { en: 'Delete', nl: 'Verwijder' },
  removeMailbox: { en: 'Delete this mailbox', nl: 'Verwijder deze mailbox' },
  removeMailboxTitle: { en: 'Delete {{address}}?', nl: '{{address}} verwijderen?' },
  removeMailboxText: {
    en: 'Nobody can read its mail any more, and new mail for the address is refused. This cannot be undone: a new mailbox of the same address begins empty.',
    nl: 'Niemand kan de mail erin nog lezen en nieuwe mail voor het adres wordt geweigerd. Dit is niet ongedaan te maken: een nieuwe mailbox op hetzelfde adres begint leeg.',
  },
  removed: { en: '{{address}} is deleted', nl: '{{address}} is verwijderd' },
  onlyOwners: {
    en: 'You may look at this. An owner of the account can change it.',
    nl: 'Je mag dit bekijken. Een eigenaar van het account kan het veranderen.',
  },
  backTo: { en: 'Mail of {{name}}', nl: 'Mail van {{name}}' },
});
