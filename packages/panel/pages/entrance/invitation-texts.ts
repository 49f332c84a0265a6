import { defineTexts } from '../../text/define.ts';

export const invitationTexts = defineTexts('invitation', {
  title: { en: 'You are invited', nl: 'Je bent uitgenodigd' },
  operatorTitle: { en: 'You are to run this platform', nl: 'Jij gaat dit platform beheren' },
  toAccount: {
    en: '{{inviter}} invites you to the account {{account}}, as {{role}}.',
    nl: '{{inviter}} nodigt je uit voor het account {{account}}, als {{role}}.',
  },
  toPlatform: {
    en: '{{inviter}} invites you to the platform itself, as {{role}}.',
    nl: '{{inviter}} nodigt je uit voor het platform zelf, als {{role}}.',
  },
  machine: { en: 'This machine', nl: 'Deze machine' },
  owner: { en: 'owner', nl: 'eigenaar' },
  collaborator: { en: 'collaborator', nl: 'medewerker' },
  reader: { en: 'reader', nl: 'lezer' },
  administrator: { en: 'administrator', nl: 'beheerder' },
  support: { en: 'support', nl: 'ondersteuning' },
  approver: { en: 'approver of releases', nl: 'keurder van uitgaven' },
  until: { en: 'The link is good until {{moment}}.', nl: 'De link werkt tot {{moment}}.' },
  as: { en: 'Go on as {{email}}', nl: 'Verder als {{email}}' },
  known: { en: 'I have a log-in already', nl: 'Ik heb al een login' },
  name: { en: 'Your name', nl: 'Je naam' },
  nameHint: { en: 'As others of the account see it.', nl: 'Zoals anderen van het account die zien.' },
  email: { en: 'E-mail address', nl: 'E-mailadres' },
  password: { en: 'Password', nl: 'Wachtwoord' },
  passwordHint: {
    en: 'Ten characters or more; a few plain words do well.',
    nl: 'Tien tekens of meer; een paar gewone woorden zijn prima.',
  },
  accept: { en: 'Come in', nl: 'Kom binnen' },
});
