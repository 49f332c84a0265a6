import { type Static, Type } from 'typebox';
import { type EnrolRequest, MAIL_OUTCOMES, type NodeReport, type RenewRequest } from '#contract/agent/messages.ts';
import { DOOR_NAMES } from '#model/door/door.ts';
import { OUTCOME_KINDS } from '#model/door/outcome.ts';
import { idPattern } from '#model/id.ts';
import { SITE_STATES } from '#model/site/state.ts';

/** What agents send, as schemas: a node is trusted with its own objects, not with the shape of what it says. */

const Text = Type.String({ maxLength: 2000 });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Small = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
const SiteIdText = Type.Unsafe<`site_${string}`>(Type.String({ pattern: idPattern('site').source }));
const NodeIdText = Type.Unsafe<`node_${string}`>(Type.String({ pattern: idPattern('node').source }));
const InstanceText = Type.Unsafe<`ins_${string}`>(Type.String({ maxLength: 64 }));
const DigestText = Type.Unsafe<`sha256:${string}`>(Type.String({ maxLength: 80 }));

export const EnrolBody = Type.Object({
  token: Type.String({ minLength: 10, maxLength: 200 }),
  csr: Type.String({ minLength: 10, maxLength: 10_000 }),
});
export const RenewBody = Type.Object({ csr: Type.String({ minLength: 10, maxLength: 10_000 }) });

export const SignalBody = Type.Object({
  site: SiteIdText,
  from: Count,
  seconds: Type.Integer({ minimum: 1, maximum: 86_400 }),
  requests: Small,
  status5xx: Small,
  latency: Type.Array(Small, { maxItems: 50 }),
  memoryBytesPeak: Count,
  cpuMilliseconds: Count,
  diskBytes: Count,
  wakes: Small,
  wakeMilliseconds: Type.Optional(Type.Array(Small, { maxItems: 10_000 })),
  mail: Type.Optional(Type.Array(Type.Object({ outcome: Type.Enum(MAIL_OUTCOMES), count: Small }), { maxItems: 20 })),
  entries: Type.Array(
    Type.Object({
      door: Type.Enum(DOOR_NAMES),
      outcome: Type.Enum([...OUTCOME_KINDS]),
      count: Small,
    }),
    { maxItems: 100 },
  ),
  faults: Type.Array(Type.Object({ signature: Type.String({ maxLength: 500 }), count: Small }), { maxItems: 200 }),
});

export const ReportBody = Type.Object({
  node: NodeIdText,
  at: Count,
  revision: Count,
  facts: Type.Object({
    kernel: Text,
    crun: Text,
    cgroups: Type.Union([Type.Literal('v1'), Type.Literal('v2')]),
    memoryBytes: Count,
    processors: Small,
    disk: Type.Optional(Type.Object({ sizeBytes: Count, freeBytes: Count })),
  }),
  alarms: Type.Array(Type.Object({ code: Text, message: Text, since: Count }), { maxItems: 1000 }),
  services: Type.Array(
    Type.Object({
      kind: Type.Union([Type.Literal('edge'), Type.Literal('mail')]),
      instance: InstanceText,
      image: DigestText,
      state: Type.Union([Type.Literal('running'), Type.Literal('starting'), Type.Literal('failed')]),
      reason: Type.Optional(Text),
    }),
    { maxItems: 20 },
  ),
  sites: Type.Array(
    Type.Object({
      id: SiteIdText,
      state: Type.Enum(SITE_STATES),
      reason: Type.Optional(Text),
      instance: InstanceText,
      image: DigestText,
      applied: Count,
    }),
    { maxItems: 100_000 },
  ),
  signals: Type.Array(SignalBody, { maxItems: 100_000 }),
});

/** The compiler proves that what passes the schemas is what the contract says. */
export type Proven = [
  Static<typeof EnrolBody> extends EnrolRequest ? true : never,
  Static<typeof RenewBody> extends RenewRequest ? true : never,
  Static<typeof ReportBody> extends NodeReport ? true : never,
];
