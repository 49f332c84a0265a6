import type { FastifyInstance, FastifyRequest } from 'fastify';
import { followEvents } from '#contract/api/event.ts';
import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import type { Subject } from '#model/right/subject.ts';
import { subjectOf } from '../auth/admitted.ts';
import { callerName } from '../auth/caller.ts';
import { identify } from '../auth/guard.ts';
import type { Context } from '../context.ts';
import { PROBLEMS } from '../http/serve.ts';
import { type Audience, audienceOf } from './audience.ts';
import type { PlacedHint } from './hint.ts';
import { EventStream, Frames } from './stream.ts';

/** So often a line shows that it is alive, and is asked whether it may still be there. */
const BEAT_MS = 20_000;
const PER_CALLER_MAX = 30;
const ALL_MAX = 5000;
/** After these a listener may no longer be who he was. */
const ACCESS = ['person', 'session', 'token', 'support', 'invitation'];

export function eventRoutes(app: FastifyInstance, context: Context): void {
  const { hub } = context;
  const frames = new Frames(context.seal);
  const open = new Map<EventStream, string>();

  app.route({
    method: followEvents.method,
    url: followEvents.path,
    schema: {
      summary: followEvents.summary,
      operationId: 'getV1Events',
      tags: ['events'],
      response: {
        200: { description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const subject = subjectOf(request);
      const name = callerName(subject);
      checkRoom([...open.values()], name);
      const from = placeOf(request);
      const stream = new EventStream(frames, audienceOf(subject), from ?? hub.position());
      open.set(stream, name);
      const leave = attend(request, stream, from);
      stream.body.once('close', () => {
        open.delete(stream);
        leave();
      });
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type('text/event-stream');
      return reply.send(stream.body);
    },
  });

  /** The place that the reader was at; one that is none of ours is ahead of everything, and so a reset. */
  function placeOf({ headers }: FastifyRequest): number | undefined {
    const place = headers['last-event-id'];
    if (typeof place !== 'string' || place === '') return undefined;
    return frames.read(place) ?? Number.MAX_SAFE_INTEGER;
  }

  /** Lets a stream hear everything from the place that its reader names, until it is left. */
  function attend(request: FastifyRequest, stream: EventStream, from: number | undefined): () => void {
    const listener = {
      onHint(hint: PlacedHint, sites: readonly SiteId[]) {
        stream.onHint(hint, sites);
        if (concerns(stream.audience, hint)) void recheck(context, request, stream);
      },
      onReset: (position: number) => stream.onReset(position),
      onEnd: () => stream.onEnd(),
    };
    let unfollow: (() => void) | undefined;
    hub.follow(from, listener).then(
      (stop) => {
        if (stream.body.destroyed) stop();
        unfollow = stop;
        stream.beat();
      },
      (err: unknown) => {
        request.log.warn({ event: 'hints.not-followed', err });
        stream.body.destroy();
      },
    );
    const beating = setInterval(() => {
      stream.beat();
      void recheck(context, request, stream);
    }, BEAT_MS);
    return () => {
      clearInterval(beating);
      unfollow?.();
    };
  }
}

/** Throws `events.too-many`. */
function checkRoom(names: readonly string[], name: string): void {
  if (names.length < ALL_MAX && names.filter((each) => each === name).length < PER_CALLER_MAX) return;
  throw new HofjeError('events.too-many', 'Too many pages listen already.', { hint: 'Close some first.' });
}

/** Whether a hint is of something that may change what this listener sees. Pure. */
function concerns({ subject, sights }: Audience, hint: PlacedHint): boolean {
  if (!ACCESS.includes(hint.kind) || subject.kind !== 'person') return false;
  const accounts = sights.account.all ? [] : [...sights.account.accounts, ...sights.account.partly];
  return (
    hint.object === subject.person || hint.person === subject.person || accounts.some((each) => each === hint.account)
  );
}

/** Ends the stream of somebody who is no longer logged in, and tells one who sees something else now to read anew. */
async function recheck(context: Context, request: FastifyRequest, stream: EventStream): Promise<void> {
  try {
    const caller = await identify(context, request);
    if (stream.body.destroyed) return;
    if (caller === undefined || caller.kind === 'node' || caller.kind === 'anyone') stream.onEnd();
    else if (differs(stream.audience, caller)) stream.see(audienceOf(caller));
  } catch (err) {
    // Not known is not allowed; the reader comes back.
    request.log.info({ event: 'hints.not-rechecked', err });
    stream.onEnd();
  }
}

function differs(audience: Audience, subject: Subject): boolean {
  return JSON.stringify(audience.sights) !== JSON.stringify(audienceOf(subject).sights);
}
