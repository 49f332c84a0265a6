import type { PipeFault } from '#model/mail/command.ts';
import type { Answer } from '../../api/routes.ts';
import { defineTexts, type Entry } from '../../text/define.ts';

type Run = Answer<'POST /v1/forwarders/:forwarder/test'>;

export const forwarderTexts = defineTexts('forwarder', {
  forwarders: { en: 'Forwarders and pipes', nl: 'Doorsturen en pipes' },
  forwardersLead: {
    en: 'Mail that goes on: to other addresses, or into a program inside your website’s house.',
    nl: 'Mail die verder gaat: naar andere adressen, of een programma in het huis van je website in.',
  },
  newForwarder: { en: 'New forwarder', nl: 'Nieuwe doorstuurder' },
  none: { en: 'Nothing goes on yet', nl: 'Nog niets gaat verder' },
  noneText: {
    en: 'Let orders@{{name}} arrive at two people, or let a script of yours read tickets@{{name}}.',
    nl: 'Laat bestel@{{name}} bij twee mensen aankomen, of laat een script van je vragen@{{name}} lezen.',
  },
  address: { en: 'Address', nl: 'Adres' },
  goesTo: { en: 'Goes to', nl: 'Gaat naar' },
  localPart: { en: 'Name before the @', nl: 'Naam voor de @' },
  localPartHint: { en: 'The address becomes {{address}}.', nl: 'Het adres wordt {{address}}.' },
  kind: { en: 'Where mail for it goes', nl: 'Waar mail ervoor heen gaat' },
  toAddresses: { en: 'To addresses', nl: 'Naar adressen' },
  toProgram: { en: 'Into a program', nl: 'Een programma in' },
  to: { en: 'To these addresses', nl: 'Naar deze adressen' },
  toHint: { en: 'One a line, here or anywhere.', nl: 'Eén per regel, hier of elders.' },
  pipe: { en: 'Command', nl: 'Opdracht' },
  pipeHint: {
    en: 'It gets the message as its input. It is not run by a shell: nothing is expanded, and words are split as shown below.',
    nl: 'Het krijgt het bericht als invoer. Er komt geen shell aan te pas: niets wordt vervangen, en de woorden vallen uiteen zoals hieronder.',
  },
  site: { en: 'In the house of', nl: 'In het huis van' },
  siteOfDomain: { en: 'the website of this domain', nl: 'de website van dit domein' },
  split: { en: 'What will be started', nl: 'Wat gestart wordt' },
  program: { en: 'Program', nl: 'Programma' },
  argument: { en: 'Argument {{number}}', nl: 'Argument {{number}}' },
  create: { en: 'Make the forwarder', nl: 'Maak de doorstuurder' },
  save: { en: 'Save the command', nl: 'Bewaar de opdracht' },
  saved: { en: 'The command of {{address}} is another now', nl: 'De opdracht van {{address}} is nu een andere' },
  savedTo: { en: 'Mail for {{address}} goes on as you said', nl: 'Mail voor {{address}} gaat verder zoals je zei' },
  made: { en: 'Mail for {{address}} goes on from now', nl: 'Mail voor {{address}} gaat vanaf nu verder' },
  removed: { en: '{{address}} does not go on any more', nl: '{{address}} gaat niet meer verder' },
  remove: { en: 'Delete', nl: 'Verwijder' },
  leadAddresses: { en: 'Mail for it goes on to other addresses.', nl: 'Mail ervoor gaat verder naar andere adressen.' },
  leadPipe: {
    en: 'Mail for it goes into a program inside {{site}}. If it cannot run, mail waits and is not lost.',
    nl: 'Mail ervoor gaat een programma in {{site}} in. Kan dat niet draaien, dan wacht de mail en gaat niet verloren.',
  },
  test: { en: 'Test it', nl: 'Probeer het' },
  testLead: {
    en: 'A message goes through the real door into the program, as if it had come by mail. Nobody gets a mail of it.',
    nl: 'Een bericht gaat door de echte deur het programma in, alsof het met de mail kwam. Niemand krijgt er mail van.',
  },
  testNow: { en: 'Send a test message', nl: 'Stuur een proefbericht' },
  testing: {
    en: 'The message is on its way; a sleeping house is woken first…',
    nl: 'Het bericht is onderweg; een slapend huis wordt eerst gewekt…',
  },
  runs: { en: 'Last runs', nl: 'Laatste keren' },
  runsLead: {
    en: 'What became of the last messages. Only owners see what the program wrote.',
    nl: 'Wat er van de laatste berichten werd. Alleen eigenaren zien wat het programma schreef.',
  },
  noRuns: {
    en: 'No message has come by yet since the server remembers.',
    nl: 'Zolang de server het zich herinnert kwam er nog geen bericht langs.',
  },
  wasTest: { en: 'test', nl: 'proef' },
  took: { en: '{{time}} ms', nl: '{{time}} ms' },
  exited: { en: 'The program ended with {{status}}', nl: 'Het programma eindigde met {{status}}' },
  signalled: { en: 'Signal {{signal}} ended the program', nl: 'Signaal {{signal}} beëindigde het programma' },
  noProgram: { en: 'There is no such program in the house', nl: 'Zo’n programma is er niet in het huis' },
  notStarted: { en: 'The program was not started', nl: 'Het programma is niet gestart' },
  died: { en: 'The house stopped while the program ran', nl: 'Het huis stopte terwijl het programma draaide' },
  timedOut: { en: 'The program took too long', nl: 'Het programma deed er te lang over' },
  starvedMemory: { en: 'The house had no memory left for it', nl: 'Het huis had er geen geheugen meer voor' },
  starvedProcesses: { en: 'The house had no process left for it', nl: 'Het huis had er geen proces meer voor' },
  wrote: { en: 'What the program wrote', nl: 'Wat het programma schreef' },
  cut: { en: 'It wrote more than is kept.', nl: 'Het schreef meer dan bewaard wordt.' },
});

/** What can be wrong with a command; its keys are the parser's own. */
export const pipeFaults = defineTexts('pipe-faults', {
  unicode: { en: 'This holds half a character.', nl: 'Hier staat een half teken in.' },
  long: { en: 'This is longer than 64 kB.', nl: 'Dit is langer dan 64 kB.' },
  nul: { en: 'A NUL character cannot be part of a command.', nl: 'Een NUL-teken kan niet in een opdracht staan.' },
  lines: {
    en: 'A line ends here outside quotes: a pipe is one command.',
    nl: 'Hier eindigt een regel buiten aanhalingstekens: een pipe is één opdracht.',
  },
  empty: { en: 'There is no program yet.', nl: 'Er staat nog geen programma.' },
  nameless: { en: 'The first word, the program, is empty.', nl: 'Het eerste woord, het programma, is leeg.' },
  words: { en: 'Program and arguments are longer than 120 kB.', nl: 'Programma en argumenten zijn langer dan 120 kB.' },
  single: { en: "This ' is never closed.", nl: "Deze ' wordt nergens gesloten." },
  double: { en: 'This " is never closed.', nl: 'Deze " wordt nergens gesloten.' },
  backslash: {
    en: 'A backslash at the end has nothing behind it.',
    nl: 'Een backslash aan het eind heeft niets achter zich.',
  },
} satisfies Record<PipeFault['kind'], Entry>);

/** What a run is for the message. */
export const runTexts = defineTexts('pipe-run', {
  delivered: { en: 'Taken', nl: 'Aangenomen' },
  deferred: { en: 'Tried again later', nl: 'Later opnieuw' },
  refused: { en: 'Sent back', nl: 'Teruggestuurd' },
} satisfies Record<Run['mail'], Entry>);
