import { defineTexts } from '../../text/define.ts';

export const entranceTexts = defineTexts('entrance', {
  loginTitle: { en: 'Come in', nl: 'Kom binnen' },
  loginLead: {
    en: 'With the address you were invited with, or with a mailbox of yours.',
    nl: 'Met het adres waarop je bent uitgenodigd, of met een mailbox van je.',
  },
  email: { en: 'E-mail address', nl: 'E-mailadres' },
  password: { en: 'Password', nl: 'Wachtwoord' },
  login: { en: 'Log in', nl: 'Inloggen' },
  forgotten: { en: 'Forgot your password?', nl: 'Wachtwoord vergeten?' },
  or: { en: 'or', nl: 'of' },
  withPasskey: { en: 'Use a passkey', nl: 'Gebruik een passkey' },
  secondTitle: { en: 'One more step', nl: 'Nog één stap' },
  secondLead: { en: 'To be sure that it is you.', nl: 'Zodat we zeker weten dat jij het bent.' },
  code: { en: 'Code from your app', nl: 'Code uit je app' },
  codeHint: { en: 'Six digits; a new one every half minute.', nl: 'Zes cijfers; elke halve minuut een nieuwe.' },
  recovery: { en: 'Recovery code', nl: 'Herstelcode' },
  recoveryHint: { en: 'Each of them is good once.', nl: 'Elke code werkt één keer.' },
  toRecovery: { en: 'I have a recovery code', nl: 'Ik heb een herstelcode' },
  toCode: { en: 'I have the app', nl: 'Ik heb de app' },
  check: { en: 'Go on', nl: 'Verder' },
  resetTitle: { en: 'A new password', nl: 'Een nieuw wachtwoord' },
  resetLead: {
    en: 'We mail you a link with which you choose one.',
    nl: 'We mailen je een link waarmee je er een kiest.',
  },
  resetAsk: { en: 'Mail me the link', nl: 'Mail me de link' },
  resetAsked: {
    en: 'If anybody has the address {{email}} here, a link is on its way. It is good for half an hour.',
    nl: 'Als iemand hier het adres {{email}} heeft, is er een link onderweg. Die werkt een half uur.',
  },
  resetUseLead: {
    en: 'Afterwards you log in with it everywhere; all your open sessions end.',
    nl: 'Daarna log je er overal mee in; al je open sessies eindigen.',
  },
  newPassword: { en: 'New password', nl: 'Nieuw wachtwoord' },
  newPasswordHint: {
    en: 'Ten characters or more; a few plain words do well.',
    nl: 'Tien tekens of meer; een paar gewone woorden zijn prima.',
  },
  setPassword: { en: 'Set the password', nl: 'Wachtwoord instellen' },
  passwordSet: { en: 'Your password is set. Log in with it.', nl: 'Je wachtwoord is ingesteld. Log ermee in.' },
  toLogin: { en: 'To the log-in', nl: 'Naar het inloggen' },
  welcomeTitle: { en: 'Welcome', nl: 'Welkom' },
  welcomeLead: {
    en: 'This link lets you in once.',
    nl: 'Met deze link kom je één keer binnen.',
  },
  enter: { en: 'Come in', nl: 'Kom binnen' },
  linkMissing: {
    en: 'The link is not whole: what stands behind the # is missing. Open it again from where you got it.',
    nl: 'De link is niet heel: wat achter het # staat ontbreekt. Open hem opnieuw vanwaar je hem kreeg.',
  },
});
