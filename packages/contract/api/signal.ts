import { type Static, Type } from 'typebox';
import { Moment } from './common.ts';
import { endpoint } from './endpoint.ts';

/** What a site did in a span of time; sums and peaks of the minutes that the node reported. */
export const SignalSpan = Type.Object(
  {
    from: Moment,
    seconds: Type.Integer(),
    requests: Type.Integer(),
    status5xx: Type.Integer(),
    latency: Type.Array(Type.Integer(), { description: 'Requests by response time, bounds in `latencyBoundsMs`.' }),
    memoryBytesPeak: Type.Integer(),
    cpuMilliseconds: Type.Integer(),
    diskBytes: Type.Integer(),
    wakes: Type.Integer(),
    entries: Type.Array(Type.Object({ door: Type.String(), outcome: Type.String(), count: Type.Integer() })),
    faults: Type.Array(Type.Object({ signature: Type.String(), count: Type.Integer() })),
  },
  { additionalProperties: false },
);
export type SignalSpan = Static<typeof SignalSpan>;

/** Lengths of spans in seconds: a minute, five, a quarter of an hour, an hour, six, a day. */
export const SIGNAL_RESOLUTIONS = [60, 300, 900, 3600, 21_600, 86_400] as const;

export const siteSignals = endpoint({
  method: 'GET',
  path: '/v1/sites/:site/signals',
  summary: 'What a site did, minute by minute or in longer spans, oldest first.',
  params: Type.Object({ site: Type.String({ maxLength: 300, description: 'Id, or one of its host names.' }) }),
  query: Type.Object(
    {
      since: Type.Optional(Type.String({ format: 'date-time', description: 'An hour ago otherwise.' })),
      until: Type.Optional(Type.String({ format: 'date-time' })),
      resolution: Type.Optional(
        Type.Enum(SIGNAL_RESOLUTIONS, {
          description: 'Seconds of a span, at most 1500 spans; spans without a report are left out.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object(
    { latencyBoundsMs: Type.Array(Type.Integer()), items: Type.Array(SignalSpan) },
    { additionalProperties: false },
  ),
});
