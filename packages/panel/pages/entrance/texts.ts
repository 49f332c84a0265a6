import { defineTexts } from '../../text/define.ts';

export const entranceTexts = defineTexts('entrance', {
  loginTitle: { en: 'Come in', nl: 'Kom binnen' },
  loginLead: {
    en: 'Log in with the address you were invited with, or with a mailbox of yours.',
    nl: 'Log in met het adres waarop je bent uitgenodigd, of met een mailbox van je.',
  },
  email: { en: 'E-mail address', nl: 'E-mailadres' },
  password: { en: 'Password', nl: 'Wachtwoord' },
  login: { en: 'Log in', nl: 'Inloggen' },
  forgotten: { en: 'Forgot your password?', nl: 'Wachtwoord vergeten?' },
});
