import { connect } from 'node:net';
import type { ProbeId } from '#model/probe/catalogue.ts';
import { parseSightings } from '#model/probe/judge.ts';
import type { LaidBaits } from './baits.ts';
import { lookThrough } from './look.ts';
import { lookProgram } from './programs.ts';
import type { Decoy, ProbeWorld } from './world.ts';

/** Probes whose bait lies in the decoy: from inside the decoy itself it must be seen, or the bait is not there. */
const SEEN_BY_THE_DECOY: readonly ProbeId[] = [
  'process.decoy',
  'file.decoy-tmp',
  'ipc.shared-memory',
  'ipc.semaphores',
  'ipc.messages',
  'ipc.posix-queue',
  'ipc.shm-file',
  'network.decoy-listener',
  'network.decoy-web',
  'network.decoy-loopback',
  'network.abstract-socket',
  'network.file-socket',
];

/** Probes whose bait is an address of the platform: from the node it must answer, or the bait is not there. */
const ANSWERS_ON_THE_NODE: readonly ProbeId[] = [
  'network.node-listener',
  'network.edge-admin',
  'network.mail-submission',
  'network.control-plane',
  'network.metadata',
  'network.mail-exchanger',
];

const ANSWER_MS = 1000;

/** The positive control of a run: the probes whose bait is not really there. What they do not see proves nothing. */
export async function absentBaits(world: ProbeWorld, decoy: Decoy, baits: LaidBaits): Promise<Set<ProbeId>> {
  const { output } = await lookThrough(world, decoy.id, 'exec', lookProgram(baits.settings));
  const seen = new Set(parseSightings(output).flatMap((row) => (row.saw === 'seen' ? [row.probe] : [])));
  const absent = new Set(SEEN_BY_THE_DECOY.filter((probe) => !seen.has(probe)));
  for (const probe of ANSWERS_ON_THE_NODE) {
    if (!(await answers(baits.settings[probe.slice('network.'.length)] ?? ''))) absent.add(probe);
  }
  return absent;
}

/** Whether something accepts a connection at `address:port`. */
async function answers(target: string): Promise<boolean> {
  const [host, port] = target.split(':');
  if (host === undefined || port === undefined) return false;
  return await new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: ANSWER_MS });
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
