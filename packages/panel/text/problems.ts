import { HofjeError } from '#model/error.ts';
import { codeOf } from '../api/ask.ts';
import { defineTexts } from './define.ts';
import type { Say } from './useTexts.tsx';

/**
 * Problems in the reader's language: what happened, that nothing was lost, what to do. Codes of the API that are not here
 * are told by the API's own sentence, which is English.
 */
export const problems = defineTexts('problems', {
  'network.unreachable': {
    en: 'The platform does not answer right now. Nothing was lost: what you typed is still here. Try again in a moment.',
    nl: 'Het platform antwoordt nu niet. Er is niets verloren: wat je typte staat er nog. Probeer het zo opnieuw.',
  },
  unavailable: {
    en: 'The platform is busy restarting. Nothing was changed. Try again in a moment.',
    nl: 'Het platform herstart. Er is niets veranderd. Probeer het zo opnieuw.',
  },
  'request.not-found': {
    en: 'This does not exist, or it is not yours to see.',
    nl: 'Dit bestaat niet, of je mag het niet zien.',
  },
  'auth.required': {
    en: 'You are logged out. Log in again and carry on.',
    nl: 'Je bent uitgelogd. Log opnieuw in en ga verder.',
  },
  'entrance.wrong': {
    en: 'That address and password do not belong together. Try again, or have a link mailed for a new password.',
    nl: 'Dit adres en wachtwoord horen niet bij elkaar. Probeer het opnieuw, of laat een link mailen voor een nieuw wachtwoord.',
  },
  'entrance.code-wrong': {
    en: 'That code is not right, or was used already. Take the next one.',
    nl: 'Deze code klopt niet of is al gebruikt. Neem de volgende.',
  },
  'entrance.half-gone': {
    en: 'That took longer than five minutes. Go back and begin again with your password.',
    nl: 'Dat duurde langer dan vijf minuten. Ga terug en begin opnieuw met je wachtwoord.',
  },
  'entrance.too-many': {
    en: 'Too many tries in a short time. Wait a minute; your account is not locked.',
    nl: 'Te veel pogingen in korte tijd. Wacht een minuut; je account is niet geblokkeerd.',
  },
  'link.gone': {
    en: 'This link was used already, or is too old. Ask for a new one.',
    nl: 'Deze link is al gebruikt of te oud. Vraag een nieuwe.',
  },
  'password.weak': {
    en: 'That is too easy to guess. Take ten characters or more that are in no list, or have one made up.',
    nl: 'Dat is te makkelijk te raden. Neem tien tekens of meer die in geen lijst staan, of laat er een verzinnen.',
  },
  'passkey.refused': {
    en: 'This passkey is not known here. Use another, or your password.',
    nl: 'Deze passkey is hier niet bekend. Gebruik een andere, of je wachtwoord.',
  },
  'passkey.dismissed': {
    en: 'No passkey was used. Try again, or log in with your password.',
    nl: 'Er is geen passkey gebruikt. Probeer het opnieuw, of log in met je wachtwoord.',
  },
  'auth.step-up': {
    en: 'Nothing was done: this needs a fresh proof that it is you.',
    nl: 'Er is niets gedaan: hiervoor moet je opnieuw laten zien dat jij het bent.',
  },
  'entrance.proof-wrong': {
    en: 'That is not it. Nothing was done; try again.',
    nl: 'Dat klopt niet. Er is niets gedaan; probeer het opnieuw.',
  },
  'invitation.gone': {
    en: 'This invitation was used already, taken back, or is too old. Ask who invited you for a new one.',
    nl: 'Deze uitnodiging is al gebruikt, ingetrokken of te oud. Vraag een nieuwe aan wie je uitnodigde.',
  },
  'person.exists': {
    en: 'Somebody has a log-in with this address already. Is it you? Log in first, and then accept.',
    nl: 'Iemand heeft al een login met dit adres. Ben jij dat? Log dan eerst in en neem daarna aan.',
  },
  'membership.exists': {
    en: 'You belong to this account already. Nothing was changed.',
    nl: 'Je hoort al bij dit account. Er is niets veranderd.',
  },
  'auth.refused': {
    en: 'You may look at this, but not change it. An owner of the account can.',
    nl: 'Je mag dit bekijken, maar niet veranderen. Een eigenaar van het account kan dat wel.',
  },
  'version.conflict': {
    en: 'Somebody changed this while you were looking at it. Nothing of theirs was overwritten; look at it again first.',
    nl: 'Iemand heeft dit intussen veranderd. Daarvan is niets overschreven; bekijk het eerst opnieuw.',
  },
  'version.outdated': {
    en: 'Somebody changed this while you were looking at it. Nothing of theirs was overwritten; look at it again first.',
    nl: 'Iemand heeft dit intussen veranderd. Daarvan is niets overschreven; bekijk het eerst opnieuw.',
  },
  'node.unreachable': {
    en: 'The server that this stands on does not answer. Websites and mail on it go on by themselves; try again later.',
    nl: 'De server waar dit op staat antwoordt niet. Websites en mail draaien gewoon door; probeer het later opnieuw.',
  },
  'node.answer-late': {
    en: 'The server takes longer than it should. It may still do it: look again in a minute.',
    nl: 'De server doet er te lang over. Misschien lukt het nog: kijk over een minuut opnieuw.',
  },
  'site.suspended': {
    en: 'This site is suspended and does not run until it is resumed.',
    nl: 'Deze site is opgeschort en draait pas weer na hervatten.',
  },
  'domain.taken': {
    en: 'Somebody else on this platform already has this name, or one above or below it.',
    nl: 'Iemand anders op dit platform heeft deze naam al, of een naam erboven of eronder.',
  },
  'domain.invalid': { en: 'That is not a name a website can have.', nl: 'Zo kan een website niet heten.' },
  'domain.proof-missing': {
    en: 'The record is not there yet. New records can take an hour to be seen everywhere; we look again by ourselves.',
    nl: 'Het record is er nog niet. Het kan een uur duren voor een nieuw record overal te zien is; we kijken vanzelf opnieuw.',
  },
  'probe.too-soon': {
    en: 'We looked less than a minute ago. What was found then stands here already.',
    nl: 'We hebben minder dan een minuut geleden gekeken. Wat toen is gevonden, staat hier al.',
  },
  defect: {
    en: 'Something went wrong on this page. Nothing was changed by it; load the page again.',
    nl: 'Er ging iets mis op deze pagina. Er is niets door veranderd; laad de pagina opnieuw.',
  },
});

/** What a person is told of an error. Pure. */
export function problemText(say: Say<typeof problems.entries>, error: unknown): string {
  const code = codeOf(error);
  if (Object.hasOwn(problems.entries, code)) return say(code as keyof typeof problems.entries);
  return error instanceof HofjeError ? error.message : say('defect');
}
