import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import { NODE_URI } from '../auth/caller.ts';
import { type Authority, signLeaf } from './authority.ts';

/** Agents renew at two thirds of this; a node that was away for longer must enrol again. */
export const NODE_DAYS = 90;

const KEY_BYTES_MAX = 1024;

/**
 * Certifies the key of a signing request for a node. Nothing else of the request counts: name and use are ours. Throws
 * `enrolment.csr-invalid`.
 */
export async function certifyNode(authority: Authority, csr: string, node: NodeId, now: Date, serial: Buffer) {
  const request = await readRequest(csr);
  return await signLeaf(authority, request.publicKey, {
    commonName: node,
    names: [`${NODE_URI}${node}`],
    use: 'client',
    days: NODE_DAYS,
    now,
    serial,
  });
}

/** SHA-256 of a signing request's public key (SubjectPublicKeyInfo, RFC 5280). Throws `enrolment.csr-invalid`. */
export async function signingKeyHash(csr: string): Promise<Buffer> {
  const { publicKey } = await readRequest(csr);
  return createHash('sha256').update(new Uint8Array(publicKey.rawData)).digest();
}

async function readRequest(csr: string): Promise<Pkcs10CertificateRequest> {
  const invalid = (why: string, cause?: unknown) =>
    new HofjeError('enrolment.csr-invalid', `The signing request ${why}.`, { field: 'csr', cause });
  let request: Pkcs10CertificateRequest;
  let proven: boolean;
  try {
    request = new Pkcs10CertificateRequest(csr);
    proven = await request.verify();
  } catch (cause) {
    throw invalid('is no PKCS #10 in PEM', cause);
  }
  if (!proven) throw invalid('is not signed with its own key');
  const { algorithm, rawData } = request.publicKey;
  const name = algorithm.name;
  if (name !== 'ECDSA' && name !== 'Ed25519') throw invalid('has a key that is neither ECDSA nor Ed25519');
  if (rawData.byteLength > KEY_BYTES_MAX) throw invalid('has a key that is too large');
  return request;
}
