import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { findOperator, makeLoginLink } from '#contract/api/session.ts';
import { withLock } from '#images/machine-lock.ts';
import { HofjeError } from '#model/error.ts';
import type { Client } from '../api/client.ts';
import { examine } from '../doctor/doctor.ts';
import { diagnosisText } from '../doctor/need.ts';
import { installPackages, MACHINE_PACKAGES } from '../packages.ts';
import { buildPanel } from '../panel/build.ts';
import { type Progress, step } from '../progress/progress.ts';
import { DISK_BYTES, NODE_NAME } from '../settings.ts';
import type { StateFolders } from '../state/folders.ts';
import { ensureInstallation } from '../state/found.ts';
import type { Installation } from '../state/installation.ts';
import { mustBeOurs } from '../state/ours.ts';
import { ensureControlDatabase, startControl } from './control.ts';
import { type Endpoints, endpointsOf } from './endpoints.ts';
import { ensureImages, registerImages } from './images.ts';
import { announceNode, configureNode, startNode } from './node.ts';
import { controlReady, nodeReady } from './ready.ts';

export interface UpOptions {
  readonly folders: StateFolders;
  readonly cache: string;
  /** HOFJE_DATABASE_URL: a database elsewhere instead of a private one. */
  readonly databaseUrl?: string | undefined;
  readonly progress: Progress;
}

export interface Running {
  readonly installation: Installation;
  readonly endpoints: Endpoints;
  /** Lets the first administrator in, once; absent where there is one. */
  readonly welcome?: { readonly url: string; readonly expiresAt: string };
}

/**
 * Makes the platform run, from whatever is there: nothing, a running one, or what a crash left in the middle of any step.
 * Every step does only what is missing. Throws `platform.unfit` with the doctor's text where the machine cannot carry it,
 * `platform.state-foreign` where the folder holds something else.
 */
export async function up(options: UpOptions): Promise<Running> {
  const { folders, cache, progress } = options;
  await mustBeOurs(folders);
  await step(progress, { step: 'doctor', title: 'Examining the machine' }, (_detail, conclude) =>
    refuseUnfit(options, conclude),
  );
  await step(progress, { step: 'packages', title: 'Debian packages' }, async (detail, conclude) => {
    const installed = await installPackages(MACHINE_PACKAGES, detail);
    conclude(installed.length === 0 ? 'all there' : `${installed.length} installed`);
    // What could not be tried without its tool is tried now.
    if (installed.length > 0) await refuseUnfit(options, () => undefined);
  });
  await mkdir(folders.root, { recursive: true });
  return await withLock(folders.lock, () => build(options, cache));
}

async function build({ folders, databaseUrl, progress }: UpOptions, cache: string): Promise<Running> {
  const installation = await step(progress, { step: 'state', title: 'State folder' }, async (_detail, conclude) => {
    const ensured = await ensureInstallation(folders);
    conclude(`${folders.root}, slot ${ensured.slot}`);
    return ensured;
  });
  const images = await step(progress, { step: 'images', title: 'Images' }, async (detail, conclude) => {
    const built = await ensureImages(cache, detail);
    conclude(Object.keys(built).join(', '));
    return built;
  });
  const database = await step(progress, { step: 'database', title: 'Database' }, () =>
    ensureControlDatabase(folders, installation, databaseUrl),
  );
  const panel = await step(progress, { step: 'panel', title: 'Panel' }, async (detail, conclude) => {
    const folder = await buildPanel(cache, detail);
    conclude(basename(folder));
    return folder;
  });
  const client = await step(progress, { step: 'control', title: 'Control plane' }, async (_detail, conclude) => {
    await configureNode(folders, installation, NODE_NAME, cache);
    await startControl(folders, installation, database, panel);
    const ready = await controlReady(folders);
    conclude(ready.connection.url.origin);
    return ready;
  });
  await step(progress, { step: 'node', title: `Node ${NODE_NAME}` }, async (detail, conclude) => {
    await registerImages(client, images);
    await announceNode(folders, client, NODE_NAME, images);
    await startNode(folders, installation.slot, NODE_NAME);
    const node = await nodeReady(folders, client, NODE_NAME, detail);
    conclude(node.services.map(({ kind, state }) => `${kind} ${state}`).join(', '));
  });
  return { installation, endpoints: endpointsOf(installation), ...(await welcomeLink(client)) };
}

/** As long as nobody runs the installation, each `up` gives a new link; the one before is good for nothing then. */
async function welcomeLink(client: Client): Promise<Pick<Running, 'welcome'>> {
  const { exists } = await client.call(findOperator, {});
  if (exists) return {};
  const { url, expiresAt } = await client.call(makeLoginLink, { body: { operator: true } });
  return { welcome: { url, expiresAt } };
}

async function refuseUnfit(options: UpOptions, conclude: (text: string) => void): Promise<void> {
  const diagnosis = await examine({ folders: options.folders, cache: options.cache, diskBytes: DISK_BYTES });
  if (!diagnosis.fit) {
    throw new HofjeError('platform.unfit', 'this machine cannot carry the platform yet', {
      hint: diagnosisText(diagnosis, ['missing']),
    });
  }
  const doubts = diagnosis.needs.filter((need) => need.verdict === 'warning').map((need) => need.name);
  conclude(
    doubts.length === 0 ? 'it has all that is needed' : `good enough; see \`hofje doctor\` about: ${doubts.join(', ')}`,
  );
}
