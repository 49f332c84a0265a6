import { createHash } from 'node:crypto';
import type { EnrolAnswer } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { notify } from '../database/bus.ts';
import type { Tx } from '../database/connect.ts';
import { certifyNode } from '../pki/node-certificate.ts';
import { type NodeChanged, revisionOf } from '../state/revision.ts';

/** How long an enrolment token may wait for its node. */
export const ENROLMENT_SECONDS = 24 * 3600;

export function enrolmentHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Makes a token for a node; tokens made before end. Returned once, stored as a hash. */
export async function makeEnrolment(
  context: Context,
  tx: Tx,
  node: NodeId,
): Promise<{ token: string; expiresAt: Date }> {
  const token = context.random(32).toString('base64url');
  const expiresAt = new Date(context.now().getTime() + ENROLMENT_SECONDS * 1000);
  await tx.deleteFrom('node_enrolment').where('node_id', '=', node).execute();
  await tx
    .insertInto('node_enrolment')
    .values({ token_hash: enrolmentHash(token), node_id: node, expires_at: expiresAt })
    .execute();
  return { token, expiresAt };
}

/**
 * Turns a token into a certificate, once. The token is spent only together with the certificate, so a request that fails
 * half-way may be repeated. Earlier certificates of the node end: who enrols again has lost the key.
 */
export async function enrol(context: Context, token: string, csr: string): Promise<EnrolAnswer> {
  return await context.db.transaction().execute(async (tx) => {
    const spent = await tx
      .deleteFrom('node_enrolment')
      .where('token_hash', '=', enrolmentHash(token))
      .where('expires_at', '>', context.now())
      .returning('node_id')
      .executeTakeFirst();
    if (spent === undefined) {
      throw new HofjeError('enrolment.refused', 'The token is wrong, spent or expired.', { field: 'token' });
    }
    await revokeNodeCertificates(context, tx, spent.node_id);
    await tx.updateTable('node').set({ enrolled_at: context.now() }).where('id', '=', spent.node_id).execute();
    return await certify(context, tx, spent.node_id, csr);
  });
}

/** Ends all certificates of a node and the connections that stand on them. */
export async function revokeNodeCertificates(context: Context, tx: Tx, node: NodeId): Promise<void> {
  await revokeCertificates(context, tx, node);
  const revision = await revisionOf(tx, node);
  await notify(tx, 'hofje_node', JSON.stringify({ node, revision, revoked: true } satisfies NodeChanged));
}

/** A new certificate for a node that shows a valid one; the old one ends by its date. */
export async function renew(context: Context, node: NodeId, csr: string): Promise<EnrolAnswer> {
  return await context.db.transaction().execute(async (tx) => await certify(context, tx, node, csr));
}

async function revokeCertificates(context: Context, tx: Tx, node: NodeId): Promise<void> {
  await tx
    .updateTable('node_certificate')
    .set({ revoked_at: context.now() })
    .where('node_id', '=', node)
    .where('revoked_at', 'is', null)
    .execute();
}

async function certify(context: Context, tx: Tx, node: NodeId, csr: string): Promise<EnrolAnswer> {
  const certificate = await certifyNode(context.pki.nodes, csr, node, context.now(), context.random(16));
  await tx
    .insertInto('node_certificate')
    .values({ serial: certificate.serialNumber.toLowerCase(), node_id: node, not_after: certificate.notAfter })
    .execute();
  return {
    installation: context.installation,
    node,
    certificate: `${certificate.toString('pem')}\n`,
    ca: context.pki.nodes.pem,
  };
}
