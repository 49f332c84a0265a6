import type { ImageDigest } from '#model/node/desired.ts';
import { ask } from '../load/ask.ts';
import { sendMany } from '../load/smtp.ts';
import { type HttpLoad, requestsPerSecond } from '../load/wrk.ts';
import { MailLog } from '../measure/mail-log.ts';
import { Ground, type GroundOrder } from './ground.ts';
import { startMail } from './mail.ts';
import { Podman, type PodmanOrder } from './podman.ts';
import { Web, type WebOrder } from './web.ts';

/** What the process in the baseline's namespaces can be told to do (see resident.ts). */

type VisitLoad = Pick<HttpLoad, 'host' | 'seconds'>;

let ground: Ground | undefined;
let podman: Podman | undefined;
let mailLog: MailLog | undefined;
let web: Web | undefined;

function laid(): Ground {
  if (ground === undefined) throw new Error('the ground is not laid');
  return ground;
}

function serving(): Web {
  if (web === undefined) throw new Error('no web server was started');
  return web;
}

function running(): Podman {
  if (podman === undefined) throw new Error('podman has not begun');
  return podman;
}

export const functions = {
  lay: async (order: GroundOrder) => {
    ground = await Ground.lay(order);
  },
  startWeb: async (order: WebOrder) => {
    web = await Web.start(laid(), order);
  },
  freshMemory: async (path: string, idleMs: number) => await serving().freshMemory(path, idleMs),
  beginPodman: async (order: PodmanOrder) => {
    podman = await Podman.begin(laid(), order);
  },
  startPodman: async () => await running().start(),
  execPodman: async () => await running().exec(),
  removePodman: async () => await running().remove(),
  endPodman: async () => await podman?.end(),
  startMail: async (mail: ImageDigest) => {
    const server = await startMail(laid(), mail);
    mailLog = await MailLog.follow(server.log);
    return server;
  },
  sendMany,
  mailCompletions: async (ids: readonly string[], patienceMs: number) =>
    (await mailLog?.completions(ids, patienceMs)) ?? [],
  /** By visitors of the service on this port. */
  visits: async (port: number, path: string, load: VisitLoad) => {
    const { place, server } = laid().street;
    return await requestsPerSecond({ ...load, place, url: `http://${server}:${port}${path}` });
  },
  ask,
};

export type BaselineFunctions = typeof functions;
