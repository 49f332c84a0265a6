import { defineTexts } from '../../text/define.ts';

export const mailboxUserTexts = defineTexts('mailbox-user', {
  lead: {
    en: 'Your mailbox. Read it with a mail program; here you set it up.',
    nl: 'Je mailbox. Je leest hem met een mailprogramma; hier stel je dat in.',
  },
  room: { en: 'Room', nl: 'Ruimte' },
  roomText: {
    en: 'There is room for {{size}}. How much of it is taken your mail program shows; when it is full, mail waits with its sender and is not lost.',
    nl: 'Er is ruimte voor {{size}}. Hoeveel er bezet is toont je mailprogramma; is hij vol, dan wacht mail bij de afzender en gaat niet verloren.',
  },
  password: { en: 'Password', nl: 'Wachtwoord' },
  passwordLead: {
    en: 'With another one, your mail programs ask for it again, and other sessions here end.',
    nl: 'Met een ander vragen je mailprogramma’s er opnieuw om, en andere sessies hier eindigen.',
  },
  current: { en: 'Present password', nl: 'Huidig wachtwoord' },
  fresh: { en: 'New password', nl: 'Nieuw wachtwoord' },
  change: { en: 'Change the password', nl: 'Verander het wachtwoord' },
  changed: { en: 'The password is another', nl: 'Het wachtwoord is veranderd' },
});
