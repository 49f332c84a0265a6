import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { start } from '#host/start.ts';
import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import { EDGE_ADMIN_PORT, MAIL_SUBMISSION_PORT } from '#model/network/service.ts';
import type { SiteWish } from '#model/node/desired.ts';

import type { Agent } from '../node/agent.ts';
import { homeFolder, nodeGroup } from '../node/instance-plans.ts';
import { currentInstance, type ServiceKind } from '../node/ledger.ts';
import { runCareless } from './careless.ts';
import { OUTSIDE, withOutside } from './outside.ts';
import { type ProbeReport, type ProbeSelection, runProbes } from './run.ts';
import type { Decoy, ProbeWorld, Standing } from './world.ts';

/** Runs that wait for their turn, with the one that has it; more than these are refused. */
const RUNS_MAX = 8;
let runs = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs probes on a living node, one run after the other: two at once would find each other's baits. Throws `probe.busy` when
 * too many wait already.
 */
export async function probeNode(agent: Agent, selection: ProbeSelection): Promise<ProbeReport> {
  if (runs >= RUNS_MAX) throw new HofjeError('probe.busy', 'Many probes wait for their turn already; try again soon.');
  runs += 1;
  const run = last.then(() => probeAlone(agent, selection));
  last = run.catch(() => undefined);
  try {
    return await run;
  } finally {
    runs -= 1;
  }
}

async function probeAlone(agent: Agent, selection: ProbeSelection): Promise<ProbeReport> {
  const baitFolder = join(agent.node.folders.run, 'bait');
  try {
    await mkdir(baitFolder, { recursive: true, mode: 0o755 });
    return await withOutside(async () => await runProbes(makeWorld(agent, baitFolder), selection));
  } finally {
    await rm(baitFolder, { recursive: true, force: true });
  }
}

function makeWorld(agent: Agent, baitFolder: string): ProbeWorld {
  const { folders } = agent.node;
  const wishes = agent.sites.actors().flatMap(({ id }) => agent.sites.wish(id) ?? []);
  const [prey, looker] = wishes.filter((wish) => wish.decoy === true).map((wish) => decoyOf(agent, wish));
  if (prey === undefined || looker === undefined) {
    throw new HofjeError('probe.no-decoys', 'The node has no decoys yet: no image for sites is registered.');
  }
  const control = new URL(agent.config.controlUrl);
  return {
    decoys: [prey, looker],
    sites: wishes.filter((wish) => wish.decoy !== true && !wish.suspended).map((wish) => wish.id),
    enter: async (site, door, command, streams, signal) => await agent.visit({ site, door, command, streams, signal }),
    standing: (site) => standing(agent, site),
    wake: async (site) => await wake(agent, site),
    startOnNode: start,
    runCareless: async (argv) =>
      await runCareless(
        argv,
        { crunRoot: folders.crun, bundle: join(folders.work, 'careless'), cgroup: `${nodeGroup(agent.node)}/careless` },
        `careless-${agent.node.slot}-${agent.node.name}`,
      ),
    platform: {
      stateFolder: dirname(dirname(folders.root)),
      agentSocket: folders.agentSocket,
      mailSpool: join(folders.spool, 'exim'),
      hostName: hostname(),
      edgeAdmin: serviceListener(agent, 'edge', EDGE_ADMIN_PORT),
      mailSubmission: serviceListener(agent, 'mail', MAIL_SUBMISSION_PORT),
      controlPlane: `${control.hostname}:${control.port || 443}`,
      outside: OUTSIDE,
      btrfsFolder: folders.sites,
      baitFolder,
    },
  };
}

function decoyOf(agent: Agent, wish: SiteWish): Decoy {
  const record = agent.sites.record(wish.id);
  if (record === undefined) throw new HofjeError('probe.no-decoys', 'The decoys are not ready yet.');
  return { id: wish.id, address: currentInstance(record).address, home: homeFolder(agent.node.folders, record) };
}

function standing(agent: Agent, site: SiteId): Standing | undefined {
  const actor = agent.sites.actor(site);
  if (actor === undefined) return undefined;
  const { id: instance, image } = actor.instance;
  return { awake: actor.life.state === 'running', instance, image };
}

async function wake(agent: Agent, site: SiteId): Promise<void> {
  const answer = await agent.sites.actor(site)?.wake(true);
  if (answer?.awake !== true)
    throw new HofjeError('probe.asleep', `A decoy does not wake: ${answer?.reason ?? 'it is gone'}`);
}

/** Where a service listens, or undefined while it does not run: then there is no such bait. */
function serviceListener(agent: Agent, kind: ServiceKind, port: number): string | undefined {
  const record = agent.ground.store.ledger.services.find((one) => one.kind === kind && one.phase === 'current');
  return record === undefined ? undefined : `${record.address}:${port}`;
}
