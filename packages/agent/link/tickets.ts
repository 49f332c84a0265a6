import type { Visitor } from '../gateway/gateway.ts';

/** As long as the control plane waits for the gate. */
const VALID_MS = 60_000;
const TICKETS_MAX = 1000;

/** What the control plane ordered and the gate is about to ask for. Each ticket is taken once, within a minute. */
export class Tickets {
  readonly #open = new Map<string, { readonly visitor: Visitor; readonly until: number }>();

  add(ticket: string, visitor: Visitor, now: number): void {
    for (const [known, { until }] of this.#open) if (until <= now) this.#open.delete(known);
    if (this.#open.size >= TICKETS_MAX) return;
    this.#open.set(ticket, { visitor, until: now + VALID_MS });
  }

  take(ticket: string, now: number): Visitor | undefined {
    const found = this.#open.get(ticket);
    this.#open.delete(ticket);
    return found !== undefined && found.until > now ? found.visitor : undefined;
  }
}
