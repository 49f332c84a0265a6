import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';

const MaybeText = Type.Union([Type.String(), Type.Null()]);

/** Something is not as it was: whoever shows it reads it again. A hint tells nothing else. */
export const Hint = Type.Object(
  {
    kind: Type.String({ description: 'Noun of the object, as ids begin: `site`, `mailbox`, `node`, `plan`, ...' }),
    object: Type.String({ description: 'Its id or name.' }),
    account: MaybeText,
    site: MaybeText,
    version: Type.Union([Type.Integer(), Type.Null()], { description: 'Its version now, where it has one.' }),
  },
  { additionalProperties: false },
);
export type Hint = Static<typeof Hint>;

/**
 * Server-sent events. `hint` events have a `Hint` as data. `reset` says that hints may have been missed: read everything
 * again. Every id is a position; the browser sends the last one as `Last-Event-ID` and goes on there.
 */
export const followEvents = endpoint({
  method: 'GET',
  path: '/v1/events',
  summary: 'Hints about what changes, as server-sent events, for what the caller may see.',
  status: 200,
});

export const EVENT_NAMES = { hint: 'hint', reset: 'reset' } as const;
