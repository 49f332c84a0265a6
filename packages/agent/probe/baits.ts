import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { HofjeError } from '#model/error.ts';
import { opaqueName } from '#model/id.ts';
import { SITE_GATEWAY, SITE_PORT } from '#model/node/address.ts';
import { baitProgram } from './programs.ts';
import type { Decoy, PlatformBaits, ProbeWorld } from './world.ts';

/** Baits that are laid, random for one run, and the way to take them up again. */
export interface LaidBaits {
  /** Arguments of the look program. */
  readonly settings: Readonly<Record<string, string>>;
  readonly takeUp: () => Promise<void>;
}

const READY_MS = 10_000;

type BaitNames = Record<
  'token' | 'ipc-key' | 'ipc-name' | 'abstract-name' | 'tmp-name' | 'socket-file' | 'home-file',
  string
>;

interface Ports {
  readonly open: number;
  readonly loopback: number;
}

/** Lays baits in the decoy (through the door `exec`) and, for the positive control, on the node itself. */
export async function layBaits(world: ProbeWorld, decoy: Decoy): Promise<LaidBaits> {
  const inDecoy = baitNames('/tmp', '/home/site');
  const onNode = baitNames(world.platform.baitFolder, world.platform.baitFolder);
  const undo: (() => Promise<void>)[] = [];
  const takeUp = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const decoyPorts = await layInDecoy(world, decoy, inDecoy, undo);
    const process = world.startOnNode(baitProgram(onNode));
    undo.push(() => process.stop());
    const nodePorts = await readyPorts(process.stdout, 'on the node');
    const settings = {
      ...neighbourBaits(decoy, inDecoy, decoyPorts, onNode, nodePorts),
      ...platformBaits(world.platform, process.pid, nodePorts),
    };
    return { settings, takeUp };
  } catch (error) {
    await takeUp();
    throw error;
  }
}

/** Names of one set of baits; never derived from a customer. Socket paths are short: 107 bytes is all they may have. */
function baitNames(socketFolder: string, homeFolder: string): BaitNames {
  const name = () => opaqueName(randomBytes(20));
  return {
    token: name(),
    'ipc-key': String(randomInt(1, 2 ** 31 - 1)),
    'ipc-name': name(),
    'abstract-name': name(),
    'tmp-name': name(),
    'socket-file': join(socketFolder, name().slice(0, 8)),
    'home-file': join(homeFolder, name()),
  };
}

function neighbourBaits(decoy: Decoy, inDecoy: BaitNames, ports: Ports, onNode: BaitNames, nodePorts: Ports) {
  const both = (name: keyof BaitNames) => `${inDecoy[name]},${onNode[name]}`;
  return {
    'process-token': both('token'),
    'ipc-key': both('ipc-key'),
    'ipc-name': both('ipc-name'),
    'abstract-name': both('abstract-name'),
    'tmp-name': both('tmp-name'),
    'socket-file': both('socket-file'),
    'decoy-home-file': join(decoy.home, basename(inDecoy['home-file'])),
    'host-file': onNode['home-file'],
    'decoy-listener': `${decoy.address}:${ports.open}`,
    'decoy-web': `${decoy.address}:${SITE_PORT}`,
    'decoy-loopback': `127.0.0.1:${ports.loopback},127.0.0.1:${nodePorts.loopback}`,
  };
}

function platformBaits(platform: PlatformBaits, pid: number, ports: Ports) {
  return {
    'process-pid': String(pid),
    'host-name': platform.hostName,
    'agent-socket': platform.agentSocket,
    'mail-spool': platform.mailSpool,
    'state-folder': platform.stateFolder,
    'btrfs-folder': platform.btrfsFolder,
    'node-listener': `${SITE_GATEWAY}:${ports.open}`,
    ...(platform.edgeAdmin === undefined ? {} : { 'edge-admin': platform.edgeAdmin }),
    ...(platform.mailSubmission === undefined ? {} : { 'mail-submission': platform.mailSubmission }),
    'control-plane': platform.controlPlane,
    'mail-exchanger': `${platform.outside}:25`,
    metadata: `169.254.169.254:${ports.open}`,
  };
}

async function layInDecoy(
  world: ProbeWorld,
  decoy: Decoy,
  names: BaitNames,
  undo: (() => Promise<void>)[],
): Promise<Ports> {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough().resume();
  const stop = new AbortController();
  const ended = world.enter(
    decoy.id,
    'exec',
    { argv: baitProgram(names), env: {} },
    { stdin, stdout, stderr },
    stop.signal,
  );
  undo.push(async () => {
    stdin.end();
    const timer = setTimeout(() => stop.abort(), READY_MS);
    await ended.finally(() => clearTimeout(timer));
  });
  return await Promise.race([
    readyPorts(stdout, 'in the decoy'),
    ended.then((outcome) => {
      throw new HofjeError('probe.bait', `the bait in the decoy ended: ${JSON.stringify(outcome)}`);
    }),
  ]);
}

async function readyPorts(stdout: Readable, where: string): Promise<Ports> {
  let text = '';
  const deadline = AbortSignal.timeout(READY_MS);
  while (!text.includes('\n')) {
    const [chunk] = await once(stdout, 'data', { signal: deadline });
    text += String(chunk);
  }
  const match = /^ready\t(\d+)\t(\d+)\n/.exec(text);
  if (match === null) throw new HofjeError('probe.bait', `the bait ${where} is not laid: ${text.slice(0, 200)}`);
  return { open: Number(match[1]), loopback: Number(match[2]) };
}
