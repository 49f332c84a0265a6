import { createHash } from 'node:crypto';
import { type NodeId, opaqueName, type SiteId } from '#model/id.ts';
import type { SiteWish } from '#model/node/desired.ts';
import { PLANS } from '#model/plan/plan.ts';
import type { Tx } from '../database/connect.ts';

/** The runtime that decoys stand for. */
const DECOY_IMAGE_KIND = 'site-php8.2';

/**
 * The two decoys of a node: sites of the platform that probes look for and look from. They belong to no account, appear in
 * no list and serve no host. Their ids follow from the node's, so that they need no row.
 */
export async function decoyWishes(tx: Tx, node: NodeId): Promise<SiteWish[]> {
  const image = await tx
    .selectFrom('image')
    .select('digest')
    .where('kind', '=', DECOY_IMAGE_KIND)
    .where('current', '=', true)
    .executeTakeFirst();
  if (image === undefined) return [];
  return [1, 2].map((number) => ({
    id: decoyId(node, number),
    image: image.digest,
    limits: PLANS[0].limits,
    suspended: false,
    primaryName: `decoy-${number}.invalid`,
    hosts: [],
    decoy: true,
  }));
}

function decoyId(node: NodeId, number: number): SiteId {
  return `site_${opaqueName(createHash('sha256').update(`${node} decoy ${number}`).digest())}`;
}
