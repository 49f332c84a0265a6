import type { Node } from '#contract/api/node.ts';
import { listNodes } from '#contract/api/node.ts';
import { listSites, type Site } from '#contract/api/site.ts';
import { HofjeError } from '#model/error.ts';
import { makeClient } from './api/client.ts';
import { findConnection } from './api/connection.ts';
import type { StateFolders } from './state/folders.ts';
import { readInstallation } from './state/installation.ts';
import { type SupervisedState, supervisedStates } from './supervise/tree.ts';
import { type Endpoints, endpointsOf } from './up/endpoints.ts';

/** What is there and what runs, as far as anybody answers. */
export interface Status {
  /** `down`: nothing runs. `partly`: something that should run does not, or nobody answers for it. */
  readonly state: 'none' | 'down' | 'partly' | 'up';
  readonly installation: string | null;
  readonly endpoints: Endpoints | null;
  /** The platform's own processes under supervision. */
  readonly processes: readonly SupervisedState[];
  readonly nodes: readonly Pick<Node, 'id' | 'name' | 'health' | 'linked' | 'alarms' | 'services'>[];
  readonly sites: readonly Pick<Site, 'id' | 'name' | 'state' | 'reason' | 'instance' | 'node'>[];
  /** Why nodes and sites are unknown. */
  readonly problem: string | null;
}

const PATIENCE_MS = 10_000;
const PAGE = 500;

/** Never throws because something is down: that is what it tells. */
export async function readStatus(folders: StateFolders): Promise<Status> {
  const installation = await readInstallation(folders);
  if (installation === undefined) {
    return { state: 'none', installation: null, endpoints: null, processes: [], nodes: [], sites: [], problem: null };
  }
  const processes = await supervisedStates(folders);
  const known = { installation: installation.id, endpoints: endpointsOf(installation), processes };
  const running = processes.filter((process) => process.running).length;
  try {
    const seen = await askControl(folders);
    const whole = running === processes.length && seen.nodes.every((node) => node.health === 'ok');
    return { state: whole ? 'up' : 'partly', ...known, ...seen, problem: null };
  } catch (error) {
    if (!(error instanceof HofjeError)) throw error;
    return { state: running === 0 ? 'down' : 'partly', ...known, nodes: [], sites: [], problem: error.message };
  }
}

async function askControl(folders: StateFolders) {
  const client = makeClient(await findConnection({ HOFJE_STATE: folders.root }));
  const { items: nodes } = await client.call(listNodes, { query: { limit: PAGE } }, { patienceMs: PATIENCE_MS });
  const sites: Site[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await client.call(listSites, { query }, { patienceMs: PATIENCE_MS });
    sites.push(...page.items);
    cursor = page.next;
  }
  return {
    nodes: nodes.map(({ id, name, health, linked, alarms, services }) => ({
      id,
      name,
      health,
      linked,
      alarms,
      services,
    })),
    sites: sites.map(({ id, name, state, reason, instance, node }) => ({ id, name, state, reason, instance, node })),
  };
}
