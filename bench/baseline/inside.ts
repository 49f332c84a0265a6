import type { ImageDigest } from '#model/node/desired.ts';
import { ask } from '../load/ask.ts';
import { sendMany } from '../load/smtp.ts';
import { requestsPerSecond } from '../load/wrk.ts';
import { MailLog } from '../measure/mail-log.ts';
import { Ground, type GroundOrder } from './ground.ts';
import { startMail } from './mail.ts';
import { Podman, type PodmanOrder } from './podman.ts';
import { Web, type WebOrder } from './web.ts';

/** What the process in the baseline's namespaces can be told to do (see resident.ts). */

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
  requestsPerSecond,
  ask,
};

export type BaselineFunctions = typeof functions;
