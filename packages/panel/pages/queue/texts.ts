import { defineTexts } from '../../text/define.ts';

export const queueTexts = defineTexts('queue', {
  queue: { en: 'Mail that waits', nl: 'Mail die wacht' },
  lead: {
    en: 'Messages that could not be delivered yet. They are tried again by themselves, ever less often.',
    nl: 'Berichten die nog niet bezorgd konden worden. Ze worden vanzelf opnieuw geprobeerd, steeds wat minder vaak.',
  },
  none: { en: 'Nothing waits', nl: 'Er wacht niets' },
  noneText: {
    en: 'All mail was delivered. What cannot be delivered at once stands here, with the reason.',
    nl: 'Alle mail is bezorgd. Wat niet meteen bezorgd kan worden staat hier, met de reden.',
  },
  silent: {
    en: {
      one: '{{count}} node does not answer ({{names}}); what waits there is not in this list.',
      other: '{{count}} nodes do not answer ({{names}}); what waits there is not in this list.',
    },
    nl: {
      one: '{{count}} node antwoordt niet ({{names}}); wat daar wacht staat niet in deze lijst.',
      other: '{{count}} nodes antwoorden niet ({{names}}); wat daar wacht staat niet in deze lijst.',
    },
  },
  from: { en: 'From', nl: 'Van' },
  to: { en: 'To', nl: 'Aan' },
  bounce: { en: 'a bounce', nl: 'een onbestelbaarbericht' },
  size: { en: 'Size', nl: 'Grootte' },
  since: { en: 'Waits since', nl: 'Wacht sinds' },
  node: { en: 'On', nl: 'Op' },
  state: { en: 'State', nl: 'Toestand' },
  frozen: { en: 'Given up', nl: 'Opgegeven' },
  waits: { en: 'Waits', nl: 'Wacht' },
  acts: { en: 'Actions', nl: 'Acties' },
  show: { en: 'Show', nl: 'Tonen' },
  showOf: { en: 'Show {{id}}', nl: 'Tonen: {{id}}' },
  retry: { en: 'Try now', nl: 'Probeer nu' },
  retryAll: { en: 'Try all now', nl: 'Probeer alles nu' },
  tried: { en: '{{id}} is being tried', nl: '{{id}} wordt geprobeerd' },
  triedAll: { en: 'All of it is being tried', nl: 'Alles wordt geprobeerd' },
  message: { en: 'Message {{id}}', nl: 'Bericht {{id}}' },
  headers: { en: 'Headers', nl: 'Kopregels' },
  log: { en: 'What happened to it', nl: 'Wat ermee gebeurde' },
});
