import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { listNodes, type Node } from '#contract/api/node.ts';
import { listSites } from '#contract/api/site.ts';
import { HofjeError } from '#model/error.ts';
import { type Client, makeClient } from '../api/client.ts';
import { findConnection } from '../api/connection.ts';
import type { Detail } from '../progress/progress.ts';
import type { StateFolders } from '../state/folders.ts';
import { readForeignFile } from '../state/foreign-file.ts';

const CONTROL_PATIENCE_MS = 60_000;
const NODE_PATIENCE_MS = 180_000;
const ASK_AGAIN_MS = 200;

/** Waits until the control plane answers questions that need its database. Throws `platform.control` with its last words. */
export async function controlReady(folders: StateFolders): Promise<Client> {
  const deadline = Date.now() + CONTROL_PATIENCE_MS;
  for (;;) {
    try {
      const client = makeClient(await findConnection({ HOFJE_STATE: folders.root }));
      await client.call(listSites, { query: { limit: 1 } }, { patienceMs: 5000 });
      return client;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new HofjeError('platform.control', 'the control plane does not get ready', {
          hint: (await lastWords(folders, 'control')) || (error instanceof Error ? error.message : String(error)),
          cause: error,
        });
      }
      await pause(ASK_AGAIN_MS);
    }
  }
}

/** Waits until the node reports itself healthy with all its services. Throws `platform.node` with what keeps it. */
export async function nodeReady(folders: StateFolders, client: Client, name: string, detail: Detail): Promise<Node> {
  const deadline = Date.now() + NODE_PATIENCE_MS;
  for (let shown = ''; ; await pause(ASK_AGAIN_MS)) {
    const node = await findNode(client, name);
    const waitsFor = node === undefined ? 'the control plane does not know it' : whatIsMissing(node);
    if (node !== undefined && waitsFor === undefined) return node;
    if (waitsFor !== undefined && waitsFor !== shown) detail(waitsFor);
    shown = waitsFor ?? '';
    if (Date.now() > deadline) {
      const words = await Promise.all(['agent', 'gate'].map((process) => lastWords(folders, process)));
      throw new HofjeError('platform.node', `${name} does not get ready: ${shown}`, { hint: words.join('\n').trim() });
    }
  }
}

export async function findNode(client: Client, name: string): Promise<Node | undefined> {
  const { items } = await client.call(listNodes, { query: { limit: 500 } });
  return items.find((node) => node.name === name);
}

/** Alarms about a single site, domain or address; the node serves all others. */
const OF_ONE_OBJECT: ReadonlySet<string> = new Set([
  'mail.held-back',
  'domain.unexplained-absence',
  'site.unexplained-absence',
  'site.contradiction',
  'site.returned-after-purge',
]);

/** What keeps a node from serving, in words, or undefined. Pure. */
export function whatIsMissing(node: Node): string | undefined {
  if (node.health === 'waiting') return 'its agent has not enrolled yet';
  if (!node.linked) return 'its agent is not connected';
  if (node.appliedRevision === null) return 'its agent has not applied anything yet';
  for (const kind of ['edge', 'mail']) {
    const service = node.services.find((each) => each.kind === kind);
    if (service?.state === 'running') continue;
    const state = service === undefined ? 'not begun' : service.state;
    return `${kind}: ${state}${service?.reason ? `, ${service.reason}` : ''}`;
  }
  if (node.health === 'ok') return undefined;
  // One customer's trouble is no reason to call the platform not ready.
  const serious = node.alarms.filter(({ code }) => !OF_ONE_OBJECT.has(code));
  if (node.health === 'alarmed' && node.alarms.length > 0 && serious.length === 0) return undefined;
  return serious.map(({ message }) => message).join('; ') || `its health is ${node.health}`;
}

/** The end of a process's log. Lines are cut: they may hold whole stack traces as JSON. */
async function lastWords(folders: StateFolders, process: string): Promise<string> {
  const log = await readForeignFile(join(folders.log, process, 'current')).catch(() => '');
  const lines = log.trim().split('\n').slice(-4);
  return lines.map((line) => (line === '' ? '' : `${process}: ${line.slice(0, 600)}`)).join('\n');
}
