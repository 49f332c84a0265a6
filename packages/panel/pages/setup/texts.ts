import type { MailSecurity } from '#model/mail/setup.ts';
import { defineTexts, type Entry } from '../../text/define.ts';

export const setupTexts = defineTexts('setup', {
  title: { en: 'Set up a mail program', nl: 'Stel een mailprogramma in' },
  lead: {
    en: 'Most programs ask for the address and the password, then for these.',
    nl: 'De meeste programma’s vragen om adres en wachtwoord, en daarna om dit.',
  },
  program: { en: 'Program', nl: 'Programma' },
  userName: { en: 'User name', nl: 'Gebruikersnaam' },
  incoming: { en: 'Incoming mail (IMAP)', nl: 'Inkomende mail (IMAP)' },
  outgoing: { en: 'Outgoing mail (SMTP)', nl: 'Uitgaande mail (SMTP)' },
  server: { en: 'Server', nl: 'Server' },
  port: { en: 'Port', nl: 'Poort' },
  security: { en: 'Security', nl: 'Beveiliging' },
  login: { en: 'Password', nl: 'Wachtwoord' },
  loginText: { en: 'that of the mailbox, for both', nl: 'dat van de mailbox, voor allebei' },
  steps: { en: 'Step by step', nl: 'Stap voor stap' },
  thunderbird1: { en: 'Menu, New account, Email.', nl: 'Menu, Nieuwe account, E-mail.' },
  thunderbird2: {
    en: 'Type name, address and password and press Continue. If it finds the servers by itself, you are done.',
    nl: 'Typ naam, adres en wachtwoord en druk op Doorgaan. Vindt het de servers zelf, dan ben je klaar.',
  },
  thunderbird3: {
    en: 'Otherwise choose Configure manually, copy the values from here, and press Re-test.',
    nl: 'Kies anders Handmatig configureren, neem de waarden hiervandaan over en druk op Opnieuw testen.',
  },
  outlook1: { en: 'File, Add account; type the address.', nl: 'Bestand, Account toevoegen; typ het adres.' },
  outlook2: {
    en: 'Under Advanced options tick “Let me set up my account manually” and choose IMAP.',
    nl: 'Vink bij Geavanceerde opties “Ik wil mijn account handmatig instellen” aan en kies IMAP.',
  },
  outlook3: {
    en: 'Copy the values from here; encryption is SSL/TLS for both.',
    nl: 'Neem de waarden hiervandaan over; de versleuteling is voor allebei SSL/TLS.',
  },
  apple1: {
    en: 'Open this page on the device itself and take the profile: it knows everything but the password.',
    nl: 'Open deze pagina op het apparaat zelf en haal het profiel op: dat weet alles behalve het wachtwoord.',
  },
  phone2: {
    en: 'Settings, Profile downloaded, Install. The password is asked for at the end.',
    nl: 'Instellingen, Profiel gedownload, Installeer. Aan het eind wordt om het wachtwoord gevraagd.',
  },
  mac2: {
    en: 'System Settings, search for Profiles, and open it there. The password is asked for at the end.',
    nl: 'Systeeminstellingen, zoek naar Profielen en open het daar. Aan het eind wordt om het wachtwoord gevraagd.',
  },
  profile: { en: 'Get the profile', nl: 'Haal het profiel op' },
  android1: {
    en: 'In Gmail: photo at the top right, Add another account, Other.',
    nl: 'In Gmail: foto rechtsboven, Nog een account toevoegen, Anders.',
  },
  android2: {
    en: 'Type the address, choose IMAP, type the password.',
    nl: 'Typ het adres, kies IMAP, typ het wachtwoord.',
  },
  android3: {
    en: 'Copy server and port from here, first for incoming, then for outgoing mail.',
    nl: 'Neem server en poort hiervandaan over, eerst voor inkomende, dan voor uitgaande mail.',
  },
  ownCertificate: {
    en: 'The program will ask once whether it may trust this server: its certificate is our own, signed by nobody else. Mail is encrypted all the same.',
    nl: 'Het programma vraagt één keer of het deze server mag vertrouwen: het certificaat is van onszelf, door niemand anders ondertekend. De mail is evengoed versleuteld.',
  },
  others: { en: 'If these do not work', nl: 'Als dit niet werkt' },
  othersText: {
    en: 'Some networks let only these through: IMAP at port {{imap}} and SMTP at port {{smtp}}, both with STARTTLS.',
    nl: 'Sommige netwerken laten alleen deze door: IMAP op poort {{imap}} en SMTP op poort {{smtp}}, allebei met STARTTLS.',
  },
});

export const securities = defineTexts('mail-security', {
  tls: { en: 'SSL/TLS', nl: 'SSL/TLS' },
  starttls: { en: 'STARTTLS', nl: 'STARTTLS' },
} satisfies Record<MailSecurity, Entry>);
