import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ControlGroups } from '#agent/container/cgroup.ts';
import { callCrun } from '#agent/container/crun.ts';
import type { SiteInstance } from '#agent/container/instance.ts';
import { Runtime, WEB_GROUP } from '#agent/container/runtime.ts';
import { entryProcess } from '#agent/container/spec.ts';
import { type Doorkeeper, makeEnter } from '#agent/door/enter.ts';
import { ensureEntriesFolder } from '#agent/door/entries-folder.ts';
import { nodeFolders } from '#agent/node/folders.ts';
import { sitePlan } from '#agent/node/instance-plans.ts';
import { currentInstance, type Ledger } from '#agent/node/ledger.ts';
import { serviceFolders } from '#agent/service/folders.ts';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import type { PlanLimits } from '#model/plan/plan.ts';
import { MailLog } from '../measure/mail-log.ts';
import { type Held, memoryHeld } from '../measure/memory.ts';

/** What the process in the node's namespaces can be told to do: it uses the agent's own code on the agent's containers. */

export interface NodeOrder {
  /** The node's folder. */
  readonly root: string;
  readonly slot: number;
  readonly name: string;
  readonly limits: PlanLimits;
}

interface Node extends NodeOrder {
  readonly runtime: Runtime;
  readonly doorkeeper: Doorkeeper;
  /** Gone with the process's own mount namespace. */
  readonly work: string;
}

let node: Node | undefined;
let mailLog: MailLog | undefined;

async function open(order: NodeOrder): Promise<void> {
  const folders = nodeFolders(order.root);
  const work = await mkdtemp(join(tmpdir(), 'hofje-bench-'));
  const groups = await ControlGroups.find();
  const runtime = await Runtime.open({ crun: folders.crun, work, groups });
  const entries = join(work, 'entries');
  await ensureEntriesFolder(entries);
  node = { ...order, runtime, doorkeeper: makeEnter({ runtime, work: entries }), work };
  const process = entryProcess({ argv: ['true'], env: {}, filesMax: runtime.filesMax });
  await writeFile(join(work, 'bare.json'), JSON.stringify(process), { mode: 0o600 });
}

async function close(): Promise<void> {
  if (node === undefined) return;
  node.doorkeeper.close();
  await mailLog?.close();
  await run(['umount', '--', join(node.work, 'entries')]);
  await rm(node.work, { recursive: true, force: true });
}

function opened(): Node {
  if (node === undefined) throw new Error('the node is not opened');
  return node;
}

async function planOf(site: SiteId): Promise<SiteInstance> {
  const { root, slot, name, limits } = opened();
  const folders = nodeFolders(root);
  const ledger = JSON.parse(await readFile(folders.ledger, 'utf8')) as Ledger;
  const record = ledger.sites[site];
  if (record === undefined) throw new HofjeError('bench.no-site', `${site} does not live here`);
  return sitePlan({ folders, slot, name }, record, currentInstance(record), { limits, primaryName: 'bench.example' });
}

async function timed(work: () => Promise<boolean>): Promise<number> {
  const begun = performance.now();
  const worked = await work();
  const ms = performance.now() - begun;
  if (!worked) throw new HofjeError('bench.entry', 'the program inside did not end well');
  return ms;
}

/** Milliseconds of `true` by the door, as the agent enters. */
async function enter(site: SiteId): Promise<number> {
  const { doorkeeper, limits } = opened();
  const target = { site, instance: await planOf(site), entriesMax: limits.entries };
  const streams = { stdin: null, stdout: new PassThrough(), stderr: new PassThrough() };
  return await timed(async () => {
    const signal = new AbortController().signal;
    const outcome = await doorkeeper.enter(target, 'exec', { argv: ['true'], env: {} }, streams, signal);
    return outcome.kind === 'exited' && outcome.status === 0;
  });
}

/** The same by crun alone, into a group that is there already. */
async function crunExec(site: SiteId): Promise<number> {
  const { runtime, work } = opened();
  const { name } = await planOf(site);
  const call = { root: runtime.crun, log: join(work, 'crun.log') };
  const args = ['exec', '--process', join(work, 'bare.json'), '--cgroup', 'web', name];
  return await timed(async () => await callCrun(call, args));
}

/** What is charged to the site's group, and what the processes of its web part hold. */
async function memoryOf(site: SiteId): Promise<{ readonly chargedBytes: number; readonly held: Held }> {
  const { runtime } = opened();
  const { cgroup } = await planOf(site);
  const chargedBytes = runtime.groups.usage(cgroup).memoryBytes;
  return { chargedBytes, held: await memoryHeld(runtime.groups.processes(join(cgroup, WEB_GROUP))) };
}

async function followMail(): Promise<void> {
  const { mail } = serviceFolders(nodeFolders(opened().root));
  mailLog = await MailLog.follow(join(mail.log, 'exim/mainlog'));
}

async function mailCompletions(ids: readonly string[], patienceMs: number): Promise<readonly number[]> {
  if (mailLog === undefined) throw new Error('the mail log is not followed');
  return await mailLog.completions(ids, patienceMs);
}

export const functions = { open, close, enter, crunExec, memoryOf, followMail, mailCompletions };

export type NodeFunctions = typeof functions;
