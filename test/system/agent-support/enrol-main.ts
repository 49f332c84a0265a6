import { pino } from 'pino';
import { Link } from '#agent/link/link.ts';
import type { InstallationId } from '#model/id.ts';

/** `enrol-main.ts URL FOLDER INSTALLATION answer|never`: enrols and links; kills itself at the answer if told to. */

const [, , controlUrl = '', identityFolder = '', installation = '', killAt] = process.argv;

const link = new Link({
  controlUrl,
  identityFolder,
  installation: installation as InstallationId,
  enrolled: async () => {
    if (killAt === 'answer') process.kill(process.pid, 'SIGKILL');
  },
  // It hears of the present revision as soon as it is linked.
  offer: async () => undefined,
  report: () => undefined,
  reported: () => undefined,
  received: () => undefined,
  complain: (_source, complaints) => {
    for (const { code, message } of complaints) console.error(code, message);
  },
  now: Date.now,
  chance: Math.random,
  log: pino({ level: 'silent' }, { write: () => undefined }),
});
link.start();
const looking = setInterval(() => {
  if (link.ca === undefined) return;
  clearInterval(looking);
  // One moment for the connection itself.
  setTimeout(() => {
    link.close();
    process.exit(0);
  }, 500);
}, 20);
