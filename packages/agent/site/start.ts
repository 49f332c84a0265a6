import type { SiteId } from '#model/id.ts';
import type { InstanceRecord } from '../node/ledger.ts';
import type { SiteHost } from './site-world.ts';

const READY_MS = 15_000;
const USUAL_START_MS = 200;
const NOT_READY = 'the site did not become ready in time';
const ENDED = 'its first process ended';
const OUT_OF_MEMORY = 'it ran out of memory';

/** Its message is for the owner. */
class NotReady extends Error {}

/** Starts an instance and waits until it serves. Throws when it does not; what there is of it is then to be stopped. */
export async function startAndWait(host: SiteHost, site: SiteId, instance: InstanceRecord): Promise<void> {
  await host.prepare(site, instance);
  await host.start(site, instance);
  const isAlive = () => host.isRunning(site, instance);
  const begun = host.now();
  // Its servers are started again and again when they are killed, but no memory comes from that. Looked at only when it
  // takes longer than usual.
  const mayStillCome = () => isAlive() && (host.now() - begun < USUAL_START_MS || !host.ranOutOfMemory(site, instance));
  if (await host.becomesReady(instance.address, READY_MS, mayStillCome)) return;
  throw new NotReady(isAlive() ? causeOf(host, site, instance, NOT_READY) : causeOfDeath(host, site, instance));
}

/** Why an instance that has ended did so, for its owner. */
export function causeOfDeath(host: SiteHost, site: SiteId, instance: InstanceRecord): string {
  return causeOf(host, site, instance, ENDED);
}

/** Why a start failed: for the owner, and with what only the operator is told. */
export function whyNotStarted(error: unknown): { readonly reason: string; readonly inFull: string } {
  if (error instanceof NotReady) return { reason: error.message, inFull: error.message };
  const reason = 'the site cannot be started';
  return { reason, inFull: error instanceof Error ? `${reason}: ${error.message}` : reason };
}

function causeOf(host: SiteHost, site: SiteId, instance: InstanceRecord, otherwise: string): string {
  return host.ranOutOfMemory(site, instance) ? OUT_OF_MEMORY : otherwise;
}
