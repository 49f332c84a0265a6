import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { WakeAnswer } from '#contract/gate/messages.ts';
import { isId, type SiteId } from '#model/id.ts';
import { listenOnSocket } from '../socket/listen.ts';
import { SingleFlight, type WaitingLimits } from './single-flight.ts';
import { RETRY_AFTER_SECONDS, triage, verdictOf, type WakeVerdict } from './verdict.ts';

export interface WakeContext {
  /** Never rejects; takes a bounded time. */
  readonly wake: (site: SiteId) => Promise<WakeAnswer>;
  readonly log: Logger;
  /** Requests that may wait at once: in all, and for one site. */
  readonly waiting: WaitingLimits;
}

export interface WakeServer {
  stop(): Promise<void>;
}

/** The location of the edge that sends the original request to the site. */
const RESEND_LOCATION = '@site';
const BROKEN: WakeVerdict = { kind: 'broken' };
const LATER: WakeVerdict = { kind: 'later', retryAfterSeconds: RETRY_AFTER_SECONDS };

/**
 * Listens for the edge, which asks here when a site does not answer. It passes the site in `X-Hofje-Site`,
 * `$upstream_connect_time` in `X-Hofje-Connect-Time`, and in `X-Hofje-Attempt` how often it asks for this request (1).
 * The answer has no body: the edge has pages of its own.
 */
export async function startWakeServer(path: string, context: WakeContext): Promise<WakeServer> {
  const flights = new SingleFlight<WakeAnswer>(context.waiting);
  const server = createServer((request, response) => {
    // What the visitor sent stays with the edge; should a body come, it is read over.
    request.resume();
    decide(request, flights, context)
      .catch((error: unknown): WakeVerdict => {
        context.log.error({ event: 'wake.defect', err: error });
        return LATER;
      })
      .then((verdict) => answer(response, verdict));
  });
  server.keepAliveTimeout = 60_000;
  await listenOnSocket(server, path);
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function decide(
  request: IncomingMessage,
  flights: SingleFlight<WakeAnswer>,
  context: WakeContext,
): Promise<WakeVerdict> {
  const site = header(request, 'x-hofje-site') ?? '';
  if (!isId('site', site)) {
    context.log.error({ event: 'wake.not-a-site' });
    return LATER;
  }
  const connectTime = header(request, 'x-hofje-connect-time');
  const step = triage(connectTime, header(request, 'x-hofje-attempt'));
  if (step !== 'ask') {
    context.log.warn({ event: `wake.${step}`, site, connectTime });
    return step === 'broken' ? BROKEN : LATER;
  }
  const wakeAnswer = await flights.ask(site, () => timed(site, context));
  if (wakeAnswer === undefined) context.log.warn({ event: 'wake.too-many', site });
  return wakeAnswer === undefined ? LATER : verdictOf(wakeAnswer);
}

/** One line in the log for each flight, not for each request. */
async function timed(site: SiteId, context: WakeContext): Promise<WakeAnswer> {
  const from = performance.now();
  const wakeAnswer = await context.wake(site);
  context.log.info({ event: 'wake', site, ...wakeAnswer, milliseconds: Math.round(performance.now() - from) });
  return wakeAnswer;
}

function answer(response: ServerResponse, verdict: WakeVerdict): void {
  response.setHeader('Content-Length', 0);
  response.setHeader('Cache-Control', 'no-store');
  switch (verdict.kind) {
    case 'resend':
      response.setHeader('X-Accel-Redirect', RESEND_LOCATION);
      response.writeHead(200).end();
      return;
    case 'later':
      response.setHeader('Retry-After', verdict.retryAfterSeconds);
      response.writeHead(503).end();
      return;
    case 'broken':
      response.writeHead(502).end();
      return;
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
