import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_COOKIE } from '../auth/credential.ts';
import type { Context } from '../context.ts';

/** Nobody but this very host sets or gets them, over TLS only, no script reads them, no other site sends them. */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const DEVICE_COOKIE = '__Host-hofje-device';
const DEVICE_SECONDS = 365 * 86_400;
const DEVICE_TEXT_MAX = 2000;

export function setSessionCookie(reply: FastifyReply, secret: string, seconds: number): void {
  reply.header('set-cookie', `${SESSION_COOKIE}=${secret}; Max-Age=${seconds}; ${ATTRIBUTES}`);
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.header('set-cookie', `${SESSION_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`);
}

/** A device on which these have logged in; sealed, so that nobody can make himself one. */
interface Device {
  readonly id: string;
  readonly entrants: readonly string[];
}

const ENTRANTS_MAX = 10;

/** The device's own name where this person or mailbox has logged in on it before; undefined otherwise. */
export function knownDevice(context: Context, request: FastifyRequest, entrant: string): string | undefined {
  const device = readDevice(context, request);
  return device?.entrants.includes(entrant) ? device.id : undefined;
}

/** The device's own name where anybody has logged in on it before. */
export function anyDevice(context: Context, request: FastifyRequest): string | undefined {
  return readDevice(context, request)?.id;
}

/** Lets the device be known for this person or mailbox the next time. */
export function rememberDevice(context: Context, request: FastifyRequest, reply: FastifyReply, entrant: string): void {
  const before = readDevice(context, request) ?? { id: context.random(16).toString('base64url'), entrants: [] };
  const entrants = [entrant, ...before.entrants.filter((each) => each !== entrant)].slice(0, ENTRANTS_MAX);
  const text = context.seal.seal(JSON.stringify({ device: before.id, entrants })).toString('base64url');
  reply.header('set-cookie', `${DEVICE_COOKIE}=${text}; Max-Age=${DEVICE_SECONDS}; ${ATTRIBUTES}`);
}

function readDevice(context: Context, request: FastifyRequest): Device | undefined {
  const [, text] = new RegExp(`(?:^|;\\s*)${DEVICE_COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? '') ?? [];
  if (text === undefined || text.length > DEVICE_TEXT_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(context.seal.open(Buffer.from(text, 'base64url')));
    if (typeof value !== 'object' || value === null || !('device' in value) || !('entrants' in value)) return undefined;
    if (typeof value.device !== 'string' || !Array.isArray(value.entrants)) return undefined;
    return { id: value.device, entrants: value.entrants.filter((each) => typeof each === 'string') };
  } catch {
    // Not sealed by us: a device that nobody knows.
    return undefined;
  }
}
