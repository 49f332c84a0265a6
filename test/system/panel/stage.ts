import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { Browser } from 'playwright-core';
import { createAccount } from '#contract/api/account.ts';
import { registerImage } from '#contract/api/image.ts';
import { addAlias, createSite, listSites } from '#contract/api/site.ts';
import { enrolTestAgent, type TestLink } from '#control/testing/agent.ts';
import { startTestControl, type TestControl } from '#control/testing/harness.ts';
import { makePerson } from '#control/testing/visitor.ts';
import { testDigest } from '#control/testing/world.ts';
import type { PersonId } from '#model/id.ts';
import { buildPanel } from '#platform/panel/build.ts';
import { type Look, openVisit, startBrowser, type Visit } from './browser.ts';
import { answerPipes, furnishMail, mailPages } from './mail-scene.ts';
import { answerQueue, operatorPages, tellOfNode } from './operator-scene.ts';
import { answerProbes, tellOfProbes } from './probe-scene.ts';
import { signalsOf } from './signals.ts';
import { openWire } from './wire.ts';

type NamedPage = readonly [name: string, path: string];

const ENTRANCE: readonly NamedPage[] = [
  ['login', '/login'],
  ['reset', '/reset'],
  ['reset-use', '/reset#c2VjcmV0'],
  ['welcome', '/welcome#c2VjcmV0'],
];

/** A control plane with the built panel, a courtyard of sites in every state, and a browser. */
export interface PanelStage {
  readonly control: TestControl;
  readonly url: string;
  visit(look: Look): Promise<Visit>;
  /** Opens a browser and logs in by the page, as a person does. */
  enter(look: Look, email?: string): Promise<Visit>;
  /** Every page with something on it: a name and where it is. Those of the entrance are seen by who is not logged in. */
  readonly entrance: readonly NamedPage[];
  pages(): Promise<readonly NamedPage[]>;
  /** Those of who runs the platform. */
  operatorPages(): Promise<readonly NamedPage[]>;
  /** Breaks every connection and refuses new ones, until mended: a platform that is away. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

export const OWNER = 'willem@example.net';
export const OPERATOR = 'beheer@example.net';
export const PASSWORD = 'vier kaarsen op de vensterbank';

const overrideReason = 'seen in a test';

/** What the node says of each site, by its name. */
const STATES: Readonly<Record<string, object>> = {
  'bakkerij-de-korenaar.nl': { state: 'running' },
  'studio-lantaarn.nl': { state: 'asleep' },
  'fietsen-van-vliet.nl': { state: 'starting' },
  'koor-zonder-naam.nl': { state: 'failed', reason: 'not ready in 20 s: php-fpm: pm.max_children is no number' },
};

export async function startPanelStage(): Promise<PanelStage> {
  const panelFolder = await buildPanel(process.env['HOFJE_CACHE'] || '/var/cache/hofje');
  const control = await startTestControl({
    logLevel: 'error',
    config: { panelFolder, certificateNames: ['localhost'], resolvers: ['127.0.0.1:1'] },
  });
  const link = await furnish(control);
  const wire = await openWire(Number(new URL(control.url).port));
  const url = `https://localhost:${wire.port}`;
  const browser: Browser = await startBrowser(await certificateOf(new URL(url)));
  const visit = (look: Look) => openVisit(browser, url, look);
  return {
    control,
    url,
    visit,
    async enter(look, email = OWNER) {
      const entered = await visit(look);
      const { page } = entered;
      await page.goto('/login');
      await page.locator('input[name=email]').fill(email);
      await page.locator('input[name=password]').fill(PASSWORD);
      await page.locator('button[type=submit]').click();
      await page.locator('.shell h1').waitFor();
      return entered;
    },
    entrance: ENTRANCE,
    async pages() {
      const sites = await control.call(listSites, { query: {} });
      const siteOf = (name: string) => sites.items.find((site) => site.name === name)?.id ?? name;
      return [
        ['overview', '/'],
        ['site-awake', `/sites/${siteOf('bakkerij-de-korenaar.nl')}`],
        ['site-failed', `/sites/${siteOf('koor-zonder-naam.nl')}`],
        ['walls', `/sites/${siteOf('bakkerij-de-korenaar.nl')}/proof`],
        ['walls-holed', `/sites/${siteOf('koor-zonder-naam.nl')}/proof`],
        ['site-new', `/sites/${siteOf('nieuw-idee.nl')}`],
        ...(await mailPages(control)),
      ];
    },
    operatorPages: () => operatorPages(control),
    cut: wire.cut,
    mend: wire.mend,
    async stop() {
      await browser.close();
      await wire.cut();
      await link.close();
      await control.stop();
    },
  };
}

/** What one sees in the panel: an account with houses in every state. */
async function furnish(control: TestControl): Promise<TestLink> {
  const agent = await enrolTestAgent(control, 'node1');
  for (const kind of ['edge', 'mail', 'site-php8.2']) {
    await control.call(registerImage, { body: { kind, digest: testDigest(kind), current: true } });
  }
  for (const name of ['willem', 'anna']) {
    await control.call(createAccount, { body: { name, email: `${name}@example.net` } });
  }
  await makePerson(control, { email: OPERATOR, password: PASSWORD, operatorRole: 'administrator' });
  const owner = await makePerson(control, { email: OWNER, password: PASSWORD });
  await makeOwner(control, owner, 'willem');
  const link = await agent.follow({
    stateOf: (site) => STATES[site.hosts[0]?.name ?? ''] ?? {},
    onMessage(message, answer) {
      answerQueue(message, answer);
      answerProbes(message, answer);
      answerPipes(message, answer);
    },
  });
  for (const domain of Object.keys(STATES)) {
    await control.call(createSite, { body: { domain, account: 'willem', overrideReason }, query: { wait: true } });
  }
  await control.call(createSite, { body: { domain: 'nieuw-idee.nl', account: 'willem' }, query: { wait: true } });
  const params = { site: 'bakkerij-de-korenaar.nl' };
  await control.call(addAlias, { params, body: { name: 'www.bakkerij-de-korenaar.nl' }, query: { wait: true } });
  await furnishMail(control, PASSWORD);
  const { sites } = await agent.desired();
  const baker = sites.find((site) => site.hosts.some(({ name }) => name === params.site));
  if (baker !== undefined)
    await agent.report({ revision: (await agent.desired()).revision, signals: signalsOf(baker.id) });
  await tellOfNode(control, agent);
  await tellOfProbes(control);
  return link;
}

async function makeOwner({ control }: TestControl, person: PersonId, account: string): Promise<void> {
  const { db } = control.context;
  const { id } = await db.selectFrom('account').select('id').where('name', '=', account).executeTakeFirstOrThrow();
  await db.insertInto('membership').values({ person_id: person, account_id: id, role: 'owner' }).execute();
}

/** The certificate that a server shows. */
async function certificateOf({ hostname, port }: URL): Promise<X509Certificate> {
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  try {
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    const shown = socket.getPeerX509Certificate();
    if (shown === undefined) throw new Error('the server shows no certificate');
    return shown;
  } finally {
    socket.destroy();
  }
}
