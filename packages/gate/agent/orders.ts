import type { Logger } from 'pino';
import type { Order, Pipe, SubmissionSite } from '#contract/gate/messages.ts';
import { WireReader } from '../wire/reader.ts';
import { askAgent } from './connect.ts';
import { parseObject } from './json.ts';

export interface OrdersContext {
  readonly agentSocket: string;
  /** Called for each order as it comes; must not throw. */
  readonly onOrder: (order: Order) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const LINE_MAX = 64 * 1024 * 1024;
const PAUSE_MS = 250;
const PATIENCE_MS = 60_000;

/** Listens for the agent's orders until the signal; connects again whenever the agent goes away. Never rejects. */
export async function followOrders(context: OrdersContext): Promise<void> {
  while (!context.signal.aborted) {
    const socket = await askAgent(context.agentSocket, { ask: 'orders' }, PATIENCE_MS, context.signal);
    if (socket === undefined) continue;
    context.log.info({ event: 'orders.connected' });
    const hangUp = () => socket.destroy();
    context.signal.addEventListener('abort', hangUp);
    const reader = new WireReader(socket);
    for (let line = await reader.line(LINE_MAX); line.kind === 'line'; line = await reader.line(LINE_MAX)) {
      const order = parseOrder(line.bytes.toString('utf8'));
      if (order === undefined) context.log.error({ event: 'orders.not-understood' });
      else context.onOrder(order);
    }
    context.signal.removeEventListener('abort', hangUp);
    socket.destroy();
    // An agent that hangs up at once must not be asked without pause.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Undefined for what this gate does not know: an order of a newer agent is left alone. */
export function parseOrder(line: string): Order | undefined {
  const value = parseObject(line);
  if (value?.['order'] === 'dial') {
    const { ticket, url, ca } = value;
    if (typeof ticket !== 'string' || typeof url !== 'string' || typeof ca !== 'string') return undefined;
    return { order: 'dial', ticket, url, ca };
  }
  if (value?.['order'] === 'sites' && Array.isArray(value['sites']) && value['sites'].every(isSubmissionSite))
    return { order: 'sites', sites: value['sites'] };
  if (value?.['order'] === 'pipes' && Array.isArray(value['pipes']) && value['pipes'].every(isPipe))
    return { order: 'pipes', pipes: value['pipes'] };
  return undefined;
}

function isPipe(value: unknown): value is Pipe {
  if (typeof value !== 'object' || value === null) return false;
  const pipe: Readonly<Record<string, unknown>> = { ...value };
  return typeof pipe['forwarder'] === 'string' && typeof pipe['site'] === 'string';
}

function isSubmissionSite(value: unknown): value is SubmissionSite {
  if (typeof value !== 'object' || value === null) return false;
  const site: Readonly<Record<string, unknown>> = { ...value };
  return (
    ['id', 'folder', 'primaryName'].every((field) => typeof site[field] === 'string') &&
    Array.isArray(site['senderDomains']) &&
    site['senderDomains'].every((domain) => typeof domain === 'string') &&
    typeof site['mailPerHour'] === 'number'
  );
}
