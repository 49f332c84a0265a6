import type { FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';

/** What an answer says of a secret that is none: a token, an enrolment, a ticket. */
const GUESSED = new Set(['auth.required', 'enrolment.refused', 'stream.ticket-invalid']);
/** Addresses that are remembered; of more, the one that has been quiet for longest is forgotten. */
const ADDRESSES_MAX = 10_000;
const MINUTE_MS = 60_000;

interface Bucket {
  /** Wrong ones that are still free. */
  readonly left: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * How often an address may show a wrong secret: so many a minute, and as many at once. Only what is wrong counts, after it
 * was found wrong: whoever shows the right one from the same address is served as ever. Of this process alone.
 */
export class WrongTokens {
  readonly #perMinute: number;
  readonly #now: () => number;
  /** The most recently wrong stand last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** The error to answer instead of `error`: `auth.too-many` where it was one wrong secret too many. */
  judge(error: unknown, request: FastifyRequest): unknown {
    if (!(error instanceof HofjeError) || !GUESSED.has(error.code)) return error;
    // Who shows nothing guesses nothing.
    if (error.code === 'auth.required' && request.headers.authorization === undefined) return error;
    if (this.count(networkOf(request.socket.remoteAddress ?? ''))) return error;
    return new HofjeError('auth.too-many', 'Too many wrong tokens came from this address.', {
      hint: 'The right one is taken at any time.',
    });
  }

  /** Counts one; false when it was too many. */
  count(network: string): boolean {
    const now = this.#now();
    const { left, at } = this.#buckets.get(network) ?? { left: this.#perMinute, at: now };
    const free = Math.min(this.#perMinute, left + ((now - at) / MINUTE_MS) * this.#perMinute);
    this.#buckets.delete(network);
    this.#buckets.set(network, { left: Math.max(0, free - 1), at: now });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > ADDRESSES_MAX && oldest !== undefined) this.#buckets.delete(oldest);
    return free >= 1;
  }
}

/** An IPv6 address stands for its /64, which is what one line has. Pure. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (plain.includes('::')) {
    const after = tail === '' ? [] : tail.split(':');
    groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0'), ...after);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
