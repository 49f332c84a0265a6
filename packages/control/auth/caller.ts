import { createHash, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { AccountId, MailboxId, NodeId, PersonId, SessionId, SiteId, SupportId, TokenId } from '#model/id.ts';
import { isId } from '#model/id.ts';
import type { AccountRole, OperatorRole, Scope } from '#model/right/role.ts';

/** Who stands behind a request. */
export type Caller = MachineCaller | PersonCaller | MailboxCaller | NodeCaller | { readonly kind: 'anyone' };

/** Whoever holds the operator's token of this machine: an administrator without a name. */
export interface MachineCaller {
  readonly kind: 'machine';
}

export interface PersonCaller {
  readonly kind: 'person';
  readonly person: PersonId;
  readonly operatorRole: OperatorRole | null;
  readonly memberships: readonly Membership[];
  readonly via: SessionVia | TokenVia;
}

export interface Membership {
  readonly account: AccountId;
  readonly role: AccountRole;
  /** The sites of a collaborator; empty for other roles. */
  readonly sites: readonly SiteId[];
}

export interface SessionVia {
  readonly kind: 'session';
  readonly session: SessionId;
  /** When a factor was shown last. */
  readonly provenAt: Date;
  /** The account that the person looks into as support, while that lasts. */
  readonly support: { readonly id: SupportId; readonly account: AccountId; readonly writes: boolean } | null;
}

export interface TokenVia {
  readonly kind: 'token';
  readonly token: TokenId;
  readonly scopes: readonly Scope[];
  /** The only account that the token is good for. */
  readonly account: AccountId | null;
}

/** A mailbox's own user, logged in with its address and password. */
export interface MailboxCaller {
  readonly kind: 'mailbox';
  readonly mailbox: MailboxId;
  readonly session: SessionId;
}

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
