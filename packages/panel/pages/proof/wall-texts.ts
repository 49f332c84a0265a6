import { defineTexts } from '../../text/define.ts';

/** Words that the walls of one house and the matrix of all have in common. */

export const doorTexts = defineTexts('probe-door', {
  web: { en: 'web page', nl: 'webpagina' },
  'mail-pipe': { en: 'mail pipe', nl: 'mailpijp' },
  exec: { en: 'command', nl: 'opdracht' },
  upload: { en: 'upload', nl: 'uploaden' },
});

export const verdictTexts = defineTexts('probe-verdict', {
  closed: { en: 'closed', nl: 'dicht' },
  open: { en: 'open', nl: 'staat open' },
  declared: { en: 'visible by decision', nl: 'bewust zichtbaar' },
  'not-tested': { en: 'not tested', nl: 'niet getest' },
});

export const themeTexts = defineTexts('probe-theme', {
  processes: { en: 'Processes', nl: 'Processen' },
  files: { en: 'Files', nl: 'Bestanden' },
  network: { en: 'Network', nl: 'Netwerk' },
  resources: { en: 'Memory and processor', nl: 'Geheugen en processor' },
  kernel: { en: 'Kernel', nl: 'Kernel' },
  mail: { en: 'Mail', nl: 'Mail' },
});

/** Why something is visible by decision; the English is that of the catalogue. */
export const declaredTexts = defineTexts('probe-declared', {
  'kernel.mount-names': {
    en: 'an opaque random folder name and a subvolume number, which name nobody',
    nl: 'een willekeurige mapnaam en een volgnummer, die over niemand iets zeggen',
  },
  'kernel.uid-map': {
    en: 'the number of its own user on the machine, random and never used again',
    nl: 'het nummer van de eigen gebruiker op de server, willekeurig en nooit opnieuw gebruikt',
  },
});
