import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { ControlGroups } from '../container/cgroup.ts';
import { Runtime } from '../container/runtime.ts';
import { isPinned } from '../network/namespace.ts';
import { removeNodeNetwork } from '../network/network.ts';
import { closeStorage } from '../storage/storage.ts';
import { type AgentConfig, readConfig } from './config.ts';
import { type NodeFolders, nodeFolders } from './folders.ts';
import { nodeGroup, servicePlan } from './instance-plans.ts';
import { readLedger } from './ledger-file.ts';
import { lockHolder } from './lock.ts';
import { nodePins, removeNodePins } from './namespaces.ts';

/*
 * Takes a node down: agent, containers, links, namespaces, mounts, loop device. Its data stays, unless `--purge` is given.
 * Works on any wreck, with or without a running agent:
 *
 *     node packages/agent/node/teardown.ts --root FOLDER [--purge]
 *
 * Every step is tried whatever became of the ones before; the exit code says whether all succeeded.
 */

const AGENT_MS = 10_000;
const SERVICE_GRACE_MS = 5000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { root: { type: 'string' }, purge: { type: 'boolean' }, inside: { type: 'boolean' } },
  });
  if (values.root === undefined) throw new HofjeError('node.usage', 'name the folder of the node: --root FOLDER');
  const folders = nodeFolders(values.root);
  const config = await readConfig(folders.config).catch(() => undefined);
  const steps = values.inside === true ? insideSteps(folders, config) : outsideSteps(folders, config, values.root);
  const failures = await inOrder(steps);
  if (values.purge === true && failures.length === 0) await rm(folders.root, { recursive: true, force: true });
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

type Step = readonly [name: string, work: () => Promise<void>];

async function inOrder(steps: readonly Step[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const [name, work] of steps) {
    try {
      await work();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures;
}

function outsideSteps(folders: NodeFolders, config: AgentConfig | undefined, root: string): readonly Step[] {
  const { mount, net } = nodePins(folders);
  return [
    ['agent', () => endAgent(folders)],
    [
      'containers',
      async () => {
        if (!(await isPinned(mount))) return;
        const again = [process.execPath, ...process.execArgv, join(import.meta.dirname, 'teardown.ts')];
        await run(['nsenter', `--mount=${mount}`, '--', ...again, '--root', root, '--inside']);
      },
    ],
    ['groups', () => endGroups(config)],
    ['network', async () => (config === undefined ? undefined : removeNodeNetwork({ slot: config.slot, pin: net }))],
    ['pins', () => removeNodePins(folders)],
    ['disk', () => closeStorage(folders)],
    ['run', () => clearRun(folders)],
  ];
}

/** In the node's mount namespace: services end in order (mail is flushed), then all that is left, then the disk goes. */
function insideSteps(folders: NodeFolders, config: AgentConfig | undefined): readonly Step[] {
  return [
    ['services', () => endServices(folders, config)],
    ['groups', () => endGroups(config)],
    ['disk', () => closeStorage(folders)],
  ];
}

async function endAgent(folders: NodeFolders): Promise<void> {
  const pid = await lockHolder(folders.lock);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  const until = Date.now() + AGENT_MS;
  while ((await lockHolder(folders.lock)) === pid && Date.now() < until) await pause(20);
  if ((await lockHolder(folders.lock)) === pid) process.kill(pid, 'SIGKILL');
}

async function endServices(folders: NodeFolders, config: AgentConfig | undefined): Promise<void> {
  const ledger = await readLedger(folders.ledger).catch(() => undefined);
  if (config === undefined || ledger === undefined) return;
  const groups = await ControlGroups.find();
  const runtime = await Runtime.open({ crun: folders.crun, work: join(folders.work, 'containers'), groups });
  const node = { folders, slot: config.slot, name: config.name };
  const plans = ledger.services.map((record) => servicePlan(node, record));
  await Promise.allSettled(plans.map((plan) => runtime.stop(plan, SERVICE_GRACE_MS)));
}

/** Also called outside, where a machine may show its groups in both versions: ours are in version 1 then. */
async function endGroups(config: AgentConfig | undefined): Promise<void> {
  if (config === undefined) return;
  const { hierarchies } = await ControlGroups.find();
  const isMixed = hierarchies.some((one) => one.version === 1);
  const groups = new ControlGroups(hierarchies.filter((one) => !isMixed || one.version === 1));
  await groups.kill(nodeGroup(config));
  await groups.remove(nodeGroup(config));
  // The installation's own, when this was its last node.
  for (const { root } of groups.hierarchies) await rmdir(join(root, dirname(nodeGroup(config)))).catch(() => undefined);
}

async function clearRun(folders: NodeFolders): Promise<void> {
  const gone = [folders.crun, folders.work, folders.submission, folders.agentSocket, folders.mailAddress, folders.lock];
  for (const path of [...gone, folders.pins]) await rm(path, { recursive: true, force: true });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
