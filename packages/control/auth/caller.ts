import { createHash, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { isId, type NodeId } from '#model/id.ts';
import type { Subject } from '#model/right/subject.ts';

export type { MailboxCaller, PersonCaller } from '#model/right/subject.ts';

/** Who stands behind a request. */
export type Caller = Subject | NodeCaller | { readonly kind: 'anyone' };

export interface NodeCaller {
  readonly kind: 'node';
  readonly node: NodeId;
  readonly serial: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

/** The caller's name in the audit and among idempotency keys. */
export function callerName(caller: Caller): string {
  switch (caller.kind) {
    case 'person':
      return caller.person;
    case 'mailbox':
      return caller.mailbox;
    case 'node':
      return caller.node;
    case 'machine':
    case 'anyone':
      return caller.kind;
  }
}

const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

/** What stands in the Authorization header as a bearer's token. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}

/** Whether a token has this SHA-256. The comparison takes the same time for any wrong token. */
export function isTokenOf(token: string, hash: string): boolean {
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
