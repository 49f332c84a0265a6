import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ImageDigest } from '#model/node/desired.ts';
import { ask } from '../load/ask.ts';
import { familyOf, type Held, memoryHeld } from '../measure/memory.ts';
import { ADDRESSES, bind, copyWebsite, type Ground, mountMemory, SITE_UID } from './ground.ts';
import { Service } from './service.ts';

export interface WebOrder {
  readonly edge: ImageDigest;
  readonly site: ImageDigest;
  /** The name that requests ask for. */
  readonly host: string;
  /** The website's files. */
  readonly files: string;
  readonly phpChildren: number;
}

const EDGE_UID = 33;
const CLASSICAL = fileURLToPath(new URL('./config/classical.conf', import.meta.url));
/** Apache's own port is taken: the edge listens there, in the same network namespace. */
const APACHE = {
  from: 'Listen 8080',
  to: `Listen ${ADDRESSES.site}:8081`,
  upstream: `${ADDRESSES.site}:8081`,
} as const;

/** Where nginx answers visitors: before Apache, and alone. */
export const PORTS = { edge: 8080, classical: 8090 } as const;

/** Where the three of them answer inside. */
const WEB = {
  edge: `http://${ADDRESSES.site}:${PORTS.edge}`,
  apache: `http://${APACHE.upstream}`,
  classical: `http://${ADDRESSES.site}:${PORTS.classical}`,
} as const;

/**
 * nginx, Apache and PHP-FPM of the platform's images with the platform's configuration, as plain processes; and an nginx
 * straight before the same PHP-FPM.
 */
export class Web {
  readonly #start: () => Promise<Service>;
  #site: Service;

  private constructor(start: () => Promise<Service>, site: Service) {
    this.#start = start;
    this.#site = site;
  }

  static async start(ground: Ground, order: WebOrder): Promise<Web> {
    const site = await ground.root('site', order.site, SITE_UID);
    const edge = await ground.root('edge', order.edge, EDGE_UID);
    const home = await copyWebsite(ground, order.files);
    await bind(home, join(site, 'home/site'));
    await moveApache(ground, site);
    const start = async () => await startSite(site, order.phpChildren);
    const web = new Web(start, await start());
    await startEdge(ground, edge);
    await introduceSite(edge, order.host);
    await startClassical({ edge, site, home });
    return web;
  }

  /** Memory of Apache with PHP-FPM, and of PHP-FPM alone, started anew, asked once, and left idle. */
  async freshMemory(path: string, idleMs: number): Promise<{ readonly both: Held; readonly php: Held }> {
    await this.#site.stop();
    this.#site = await this.#start();
    await ask(`${WEB.apache}${path}`);
    await pause(idleMs);
    const family = await familyOf(this.#site.pid);
    const names = await Promise.all(family.map(programOf));
    const php = family.filter((_, index) => names[index]?.startsWith('php-fpm'));
    return { both: await memoryHeld(family), php: await memoryHeld(php) };
  }
}

async function programOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
}

async function moveApache(ground: Ground, root: string): Promise<void> {
  const file = join(root, 'etc/hofje/apache.conf');
  const text = await readFile(file, 'utf8');
  const moved = join(await ground.folderOnDisk('config', 0), 'apache.conf');
  await writeFile(moved, text.replace(APACHE.from, APACHE.to));
  await bind(moved, file);
}

async function startSite(root: string, phpChildren: number): Promise<Service> {
  const service = new Service({
    root,
    uid: SITE_UID,
    argv: ['/usr/lib/hofje/init'],
    env: { HOFJE_PHP_CHILDREN: `${phpChildren}` },
  });
  const headers = { 'x-hofje-ready': '1' };
  await service.ready(async () => {
    const { status } = await ask(`${WEB.apache}/.hofje/ready`, { headers, from: ADDRESSES.site });
    return status === 200;
  });
  return service;
}

async function startEdge(ground: Ground, root: string): Promise<void> {
  await bind(await ground.folderOnDisk('edge-spool', EDGE_UID), join(root, 'var/spool/edge'));
  await bind(await ground.folderOnDisk('edge-log', EDGE_UID), join(root, 'var/log/edge'));
  const service = new Service({ root, uid: EDGE_UID, argv: ['/usr/lib/hofje/edge/start'] });
  await service.ready(async () => (await ask(`${WEB.edge}/`)).status > 0);
}

/** Tells the edge of the one site, as the agent would. */
async function introduceSite(root: string, host: string): Promise<void> {
  const admin = `http://${ADDRESSES.service}:8079`;
  const from = ADDRESSES.service;
  const { generation } = JSON.parse((await ask(`${admin}/generation`, { from })).body) as { generation: string };
  // Nobody asks by https here: the edge's own throwaway certificate will do.
  const pem = await readFile(join(root, 'run/edge/throwaway.pem'), 'utf8');
  const begin = pem.search(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  const hosts = [{ name: host, redirectToHttps: false, chain: pem.slice(0, begin), key: pem.slice(begin) }];
  const sites = [{ id: 'site_baseline', hosts, upstream: APACHE.upstream, suspended: false }];
  const body = JSON.stringify({ generation, sites });
  const answer = await ask(`${admin}/sites`, { method: 'PUT', from, body });
  if (answer.status !== 204) throw new Error(`the edge refuses its table: ${answer.status} ${answer.body}`);
}

async function startClassical(roots: { edge: string; site: string; home: string }): Promise<void> {
  const { edge, site, home } = roots;
  // As the site's user, who owns PHP's socket; paths are those that PHP knows.
  await mountMemory(join(edge, 'home'), 'mode=755');
  for (const [from, at] of [
    [home, join(edge, 'home/site')],
    [join(site, 'run/site'), join(edge, 'run/site')],
  ] as const) {
    await mkdir(at);
    await bind(from, at);
  }
  await bind(CLASSICAL, join(edge, 'etc/nginx/nginx.conf'));
  const workers = `worker_processes ${availableParallelism()};`;
  const service = new Service({ root: edge, uid: SITE_UID, argv: ['nginx', '-g', workers] });
  await service.ready(async () => (await ask(`${WEB.classical}/`)).status > 0);
}
