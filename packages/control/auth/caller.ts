import { createHash, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { isId, type NodeId } from '#model/id.ts';

/** Who stands behind a request. */
export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'node'; readonly node: NodeId; readonly serial: string }
  | { readonly kind: 'anyone' };

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

/** The caller's name in the audit and among idempotency keys. */
export function callerName(caller: Caller): string {
  return caller.kind === 'node' ? caller.node : caller.kind;
}

const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

/** Whether the request carries the token with this SHA-256. The comparison takes the same time for any wrong token. */
export function hasToken(request: FastifyRequest, hash: string): boolean {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return false;
  return timingSafeEqual(createHash('sha256').update(token).digest(), Buffer.from(hash, 'hex'));
}

export const NODE_URI = 'urn:hofje:node:';

/**
 * The node that a verified client certificate names. Only the TLS layer's own verdict counts, and no header of a proxy.
 * Whether the serial is revoked is asked afterwards.
 */
export function certifiedNode(request: FastifyRequest): { readonly node: NodeId; readonly serial: string } | undefined {
  const socket = request.raw.socket as Partial<TLSSocket>;
  if (socket.authorized !== true) return undefined;
  const certificate = socket.getPeerX509Certificate?.();
  const names = certificate?.subjectAltName?.split(', ') ?? [];
  const node = names.length === 1 ? names[0]?.replace(`URI:${NODE_URI}`, '') : undefined;
  if (certificate === undefined || node === undefined || !isId('node', node)) return undefined;
  return { node, serial: certificate.serialNumber.toLowerCase() };
}

export function isLoopback(address: string | undefined): boolean {
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1';
}
