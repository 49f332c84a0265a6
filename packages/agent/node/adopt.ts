import type { Logger } from 'pino';
import type { Runtime } from '../container/runtime.ts';
import type { Doorkeeper } from '../door/enter.ts';
import type { SiteActor } from '../site/site-actor.ts';
import type { SiteKeeper } from '../site/site-keeper.ts';

export interface AdoptionParts {
  readonly sites: SiteKeeper;
  readonly runtime: Runtime;
  readonly doorkeeper: Doorkeeper;
  readonly log: Logger;
}

/**
 * Finds the sites that an earlier agent has left running. One that cannot be put in order is no reason for the others to have
 * no agent; its next start tries again.
 */
export async function adoptSites(parts: AdoptionParts): Promise<void> {
  for (const actor of parts.sites.actors()) {
    await adopt(parts, actor).catch((err: unknown) =>
      parts.log.error({ event: 'site.not-adopted', site: actor.id, err }),
    );
  }
}

async function adopt({ sites, runtime, doorkeeper }: AdoptionParts, actor: SiteActor): Promise<void> {
  for (const instance of sites.record(actor.id)?.instances ?? []) {
    const plan = sites.plan(actor.id, instance);
    if (runtime.isRunning(plan)) await doorkeeper.endStrays(plan);
    // What only half exists is cleared away before it is started again.
    else if (runtime.pidOf(plan) !== undefined) await runtime.stop(plan, 0);
  }
  await actor.adopt();
}
