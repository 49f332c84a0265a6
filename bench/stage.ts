import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAccount, deleteAccount, listAccounts } from '#contract/api/account.ts';
import { putPlan } from '#contract/api/plan.ts';
import { changeSite, createSite, getSite, type Site, sleepSite } from '#contract/api/site.ts';
import { imageFolders } from '#images/folders.ts';
import { HofjeError } from '#model/error.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { PlanLimits } from '#model/plan/plan.ts';
import { type Client, makeClient } from '#platform/api/client.ts';
import { findConnection } from '#platform/api/connection.ts';
import { runInside, uploadFolder } from '#platform/demo/inside.ts';
import { NODE_NAME } from '#platform/settings.ts';
import type { StateFolders } from '#platform/state/folders.ts';
import { readInstallation } from '#platform/state/installation.ts';
import { type Endpoints, endpointsOf } from '#platform/up/endpoints.ts';
import { findNode } from '#platform/up/ready.ts';

export const WEBSITE = fileURLToPath(new URL('./website', import.meta.url));

const MiB = 1024 ** 2;
const PLAN = 'bench';
/** Marks the benchmarks' accounts; reserved by RFC 2606. */
const EMAIL = 'bench@bench.invalid';

/** As much as the machine has: the container is measured, not a plan's limits. Nothing sleeps by itself. */
const LIMITS: PlanLimits = {
  memoryBytes: 1024 * MiB,
  cpuPercent: 100 * availableParallelism(),
  processes: 1024,
  entryReservePercent: 25,
  diskBytes: 512 * MiB,
  ioPerSecond: 1_000_000,
  entries: 64,
  idleSeconds: 0,
  mailPerHour: 1_000_000,
  mailBytes: 512 * MiB,
};

export interface StageOptions {
  readonly folders: StateFolders;
  readonly cache: string;
}

export interface Images {
  readonly edge: ImageDigest;
  readonly mail: ImageDigest;
  readonly site: ImageDigest;
}

const SETTLE_MS = 30_000;
const ASK_AGAIN_MS = 20;
/** Sites of one account: no more than a node lets go at once. */
const SITES_EACH = 8;

/** Where the baselines keep their disks. */
export function workFolder(folders: StateFolders): string {
  return join(folders.root, 'bench');
}

/**
 * Deletes every account of benchmarks, those too that a killed run has left, with all that is in them, data included. One
 * after the other: a node refuses a state that removes many sites at once.
 */
async function clearAccounts(client: Client): Promise<void> {
  const { items } = await client.call(listAccounts, { query: { limit: 500 } });
  for (const { id } of items.filter(({ email }) => email === EMAIL)) {
    await client.call(deleteAccount, { params: { account: id }, query: { grace: 0 } });
    await settled(client);
  }
}

/** Waits until the node has applied what is wished of it. */
async function settled(client: Client): Promise<void> {
  for (const deadline = Date.now() + SETTLE_MS; Date.now() < deadline; await pause(ASK_AGAIN_MS)) {
    const node = await findNode(client, NODE_NAME);
    if (node !== undefined && (node.appliedRevision ?? -1) >= node.revision) return;
  }
  throw new HofjeError('bench.not-applied', `${NODE_NAME} does not apply what was deleted`);
}

/** The benchmarks' customers in a running installation: accounts in which everything lies that is made for them. */
export class Stage {
  readonly client: Client;
  readonly endpoints: Endpoints;
  readonly folders: StateFolders;
  /** The OCI layout with the images. */
  readonly layout: string;
  readonly slot: number;
  readonly limits = LIMITS;
  readonly #run = randomBytes(4).toString('hex');
  #website: Site | undefined;
  #sites = 0;

  private constructor(fields: Pick<Stage, 'client' | 'endpoints' | 'folders' | 'layout' | 'slot'>) {
    this.client = fields.client;
    this.endpoints = fields.endpoints;
    this.folders = fields.folders;
    this.layout = fields.layout;
    this.slot = fields.slot;
  }

  static async begin({ folders, cache }: StageOptions): Promise<Stage> {
    const client = makeClient(await findConnection({ HOFJE_STATE: folders.root }));
    const installation = await readInstallation(folders);
    if (installation === undefined) throw new HofjeError('api.unavailable', `nothing is set up in ${folders.root}`);
    const { slot } = installation;
    await rm(workFolder(folders), { recursive: true, force: true });
    await clearAccounts(client);
    await client.call(putPlan, { params: { plan: PLAN }, body: { limits: LIMITS } });
    const layout = imageFolders(cache).layout;
    return new Stage({ client, endpoints: endpointsOf(installation), folders, layout, slot });
  }

  /** PEM of the authority of the sites' certificates. */
  async siteAuthority(): Promise<string> {
    return await readFile(this.folders.siteAuthority, 'utf8');
  }

  /** Makes a site; it sleeps. */
  async newSite(): Promise<Site> {
    const number = this.#sites++;
    const account = `bench-${this.#run}-${Math.floor(number / SITES_EACH)}`;
    if (number % SITES_EACH === 0) await this.client.call(createAccount, { body: { name: account, email: EMAIL } });
    const domain = `bench-${this.#run}-${number}.example`;
    return await this.client.call(createSite, {
      query: { wait: true },
      body: { domain, account, plan: PLAN, overrideReason: 'benchmark: a name without an owner' },
    });
  }

  /** The site with the website that is asked for all the time; made once. Plain http is not redirected. */
  async website(): Promise<Site> {
    if (this.#website !== undefined) return this.#website;
    const { name } = await this.newSite();
    const params = { site: name };
    const outcome = await uploadFolder(this.client, name, WEBSITE);
    if (outcome.kind !== 'exited' || outcome.status !== 0) {
      throw new HofjeError('bench.upload', `the website was not unpacked: ${JSON.stringify(outcome)}`);
    }
    this.#website = await this.client.call(changeSite, {
      params,
      query: { wait: true },
      body: { redirectToHttps: false },
    });
    return this.#website;
  }

  /** How many PHP processes the website's container may have, as its first process was told. */
  async phpChildren(): Promise<number> {
    const { name } = await this.website();
    const { stdout } = await runInside(this.client, name, ['cat', '/proc/1/environ']);
    const count = /(?:^|\0)HOFJE_PHP_CHILDREN=(\d+)(?:\0|$)/.exec(stdout.toString('utf8'))?.[1];
    if (count === undefined) throw new HofjeError('bench.php-children', 'the site does not tell its PHP processes');
    return Number(count);
  }

  /** Ends the site's container, and waits until it has ended. */
  async putToSleep(site: string): Promise<void> {
    const params = { site };
    await this.client.call(sleepSite, { params });
    for (const deadline = Date.now() + SETTLE_MS; Date.now() < deadline; await pause(ASK_AGAIN_MS)) {
      const { state } = await this.client.call(getSite, { params });
      if (state === 'asleep') return;
    }
    throw new HofjeError('bench.no-sleep', `${site} does not fall asleep`);
  }

  /** The images that the node runs now. */
  async images(): Promise<Images> {
    const node = await findNode(this.client, NODE_NAME);
    const { image } = await this.website();
    if (!node?.edgeImage || !node.mailImage) throw new HofjeError('bench.no-node', `${NODE_NAME} has no images yet`);
    return { edge: node.edgeImage as ImageDigest, mail: node.mailImage as ImageDigest, site: image as ImageDigest };
  }

  /** Deletes all that was made. The plan stays: a plan is for good. */
  async end(): Promise<void> {
    await rm(workFolder(this.folders), { recursive: true, force: true });
    await clearAccounts(this.client);
  }
}
