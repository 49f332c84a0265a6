import { createHash } from 'node:crypto';
import type { EnrolAnswer } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import { auditSystem } from '../audit.ts';
import type { Context } from '../context.ts';
import { notify } from '../database/bus.ts';
import type { Db, Tx } from '../database/connect.ts';
import { certifyNode, signingKeyHash } from '../pki/node-certificate.ts';
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
 * Turns a token into a certificate for one key. Until the node calls with it (`confirmEnrolment`), the same key may have
 * another: the agent, or the answer, may be lost in between. Earlier certificates of the node end: who enrols again has
 * lost the key. Throws `enrolment.refused`, `enrolment.csr-invalid`.
 */
export async function enrol(context: Context, token: string, csr: string): Promise<EnrolAnswer> {
  return await context.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('node_enrolment')
      .selectAll()
      .where('token_hash', '=', enrolmentHash(token))
      .where('expires_at', '>', context.now())
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw refused();
    const keyHash = await signingKeyHash(csr);
    if (row.key_hash === null) await spend(context, tx, row.node_id, keyHash);
    else if (!row.key_hash.equals(keyHash)) throw refused();
    return await certify(context, tx, row.node_id, csr);
  });
}

function refused(): HofjeError {
  return new HofjeError('enrolment.refused', 'The token is wrong, spent or expired.', { field: 'token' });
}

async function spend(context: Context, tx: Tx, node: NodeId, keyHash: Buffer): Promise<void> {
  await revokeNodeCertificates(context, tx, node);
  await tx.updateTable('node').set({ enrolled_at: context.now() }).where('id', '=', node).execute();
  await tx.updateTable('node_enrolment').set({ key_hash: keyHash }).where('node_id', '=', node).execute();
  await auditSystem(context, tx, 'node.enrolled', node);
}

/** The node has its certificate: the token that it came by ends. */
export async function confirmEnrolment(db: Db, node: NodeId): Promise<void> {
  await db.deleteFrom('node_enrolment').where('node_id', '=', node).where('key_hash', 'is not', null).execute();
}

/** Ends all certificates of a node, the connections that stand on them, and the token that they came by. */
export async function revokeNodeCertificates(context: Context, tx: Tx, node: NodeId): Promise<void> {
  await revokeCertificates(context, tx, node);
  await confirmEnrolment(tx, node);
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
