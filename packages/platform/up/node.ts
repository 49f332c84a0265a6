import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { changeNode, createNode, enrolNode, type Node } from '#contract/api/node.ts';
import { writeFileAtomically } from '#host/file.ts';
import { imageFolders } from '#images/folders.ts';
import { nodeLink, platformUid } from '#model/node/address.ts';
import type { Client } from '../api/client.ts';
import { ownProgram, programFingerprint, shownProgram } from '../program.ts';
import { DISK_BYTES, MEMORY_RESERVE_BYTES } from '../settings.ts';
import type { StateFolders } from '../state/folders.ts';
import { readForeignFile } from '../state/foreign-file.ts';
import type { Installation } from '../state/installation.ts';
import type { Supervised } from '../supervise/script.ts';
import { supervise } from '../supervise/tree.ts';
import type { Images } from './images.ts';
import { findNode } from './ready.ts';

const AGENT = 'packages/agent/node/boot.ts';
const GATE = 'packages/gate/main.ts';

/** Writes what agent and gate of a node start from. Says nothing to the control plane. */
export async function configureNode(
  folders: StateFolders,
  installation: Installation,
  name: string,
  cache: string,
): Promise<void> {
  const node = nodePaths(folders, name);
  const gate = gateUser(installation.slot);
  await mkdir(node.root, { recursive: true });
  await chmod(node.root, 0o711);
  await mkdir(node.identity, { recursive: true, mode: 0o700 });
  await mkdir(node.run, { recursive: true });
  await chmod(node.run, 0o711);
  const { host } = nodeLink(installation.slot);
  const agentConfig = {
    installation: installation.id,
    slot: installation.slot,
    name,
    controlUrl: `https://${host}:${installation.ports.api}`,
    layout: imageFolders(cache).layout,
    diskBytes: DISK_BYTES,
    gateUid: gate.uid,
    memoryReserveBytes: MEMORY_RESERVE_BYTES,
  };
  const gateConfig = { runFolder: node.gateRun, agentSocket: node.agentSocket, mailAddressFile: node.mailAddress };
  await writeFileAtomically(node.agentConfig, `${JSON.stringify(agentConfig, null, 2)}\n`);
  await writeFileAtomically(node.gateConfig, `${JSON.stringify(gateConfig, null, 2)}\n`, {
    mode: 0o440,
    owner: { uid: 0, gid: gate.gid },
  });
}

/** Announces the node where the control plane does not know it, hands its agent the right to enrol, points it at the images. */
export async function announceNode(folders: StateFolders, client: Client, name: string, images: Images): Promise<Node> {
  const { identity } = nodePaths(folders, name);
  const tokenFile = join(identity, 'enrol-token');
  // By it the agent knows to whom it shows its token.
  await writeFileAtomically(join(identity, 'ca.pem'), await readForeignFile(folders.authority));
  let node = await findNode(client, name);
  if (node === undefined) {
    const made = await client.call(createNode, { body: { name } });
    await writeFileAtomically(tokenFile, `${made.enrolment.token}\n`);
    node = made.node;
  } else if (!existsSync(join(identity, 'cert.pem'))) {
    // It never enrolled, or lost its identity: an old token may have been used or have ended.
    const enrolment = await client.call(enrolNode, { params: { node: node.id } });
    await writeFileAtomically(tokenFile, `${enrolment.token}\n`);
  }
  const wanted = { edgeImage: images.edge.digest, mailImage: images.mail.digest };
  if (node.edgeImage === wanted.edgeImage && node.mailImage === wanted.mailImage) return node;
  return await client.call(changeNode, { params: { node: node.id }, body: wanted });
}

function agentService(folders: StateFolders, name: string, version: string): Supervised {
  return {
    name: 'agent',
    argv: [...ownProgram(AGENT), '--root', folders.node(name)],
    environment: {},
    version,
    stopSignal: 'SIGTERM',
    stopMs: 15_000,
  };
}

function gateService(folders: StateFolders, slot: number, name: string, version: string): Supervised {
  const { argv, shown } = shownProgram(folders, GATE);
  const node = nodePaths(folders, name);
  return {
    name: 'gate',
    argv: [...argv, '--config', node.gateConfig],
    environment: {},
    user: gateUser(slot),
    networkNamespace: node.networkPin,
    shown,
    version,
    stopSignal: 'SIGTERM',
    stopMs: 25_000,
  };
}

export async function startNode(folders: StateFolders, slot: number, name: string): Promise<void> {
  const version = await programFingerprint();
  await supervise(folders, slot, agentService(folders, name, version));
  await supervise(folders, slot, gateService(folders, slot, name, version));
}

function gateUser(slot: number) {
  const uid = platformUid(slot, 'gate');
  return { uid, gid: uid };
}

/** What platform, agent and gate agree on of a node's folder. Pure. */
function nodePaths(folders: StateFolders, name: string) {
  const root = folders.node(name);
  const run = join(root, 'run');
  return {
    root,
    run,
    identity: join(root, 'identity'),
    agentConfig: join(root, 'agent.json'),
    gateConfig: join(root, 'gate.json'),
    gateRun: join(run, 'gate'),
    agentSocket: join(run, 'agent.sock'),
    mailAddress: join(run, 'mail-address'),
    networkPin: join(root, 'pins', 'net'),
  };
}
