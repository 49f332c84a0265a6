import { type Static, Type } from 'typebox';
import type { PlanLimits } from '#model/plan/plan.ts';
import { ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';

const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });

/** What a site may use; meanings and units are in model/plan. */
export const Limits = Type.Object(
  {
    memoryBytes: Bytes,
    cpuPercent: Count,
    processes: Count,
    entryReservePercent: Type.Integer({ minimum: 0, maximum: 90 }),
    diskBytes: Bytes,
    ioPerSecond: Count,
    entries: Count,
    idleSeconds: Count,
    mailPerHour: Count,
    mailBytes: Bytes,
  } satisfies Record<keyof PlanLimits, unknown>,
  { additionalProperties: false },
);

const Orderable = Type.Boolean({ description: 'Customers may choose it for their sites.' });
export const Plan = Type.Object(
  { name: ShortName, limits: Limits, orderable: Orderable },
  { additionalProperties: false },
);
export type Plan = Static<typeof Plan>;

export const listPlans = endpoint({
  method: 'GET',
  path: '/v1/plans',
  summary: 'List the plans that one may choose or has.',
  status: 200,
  answer: Type.Object({ items: Type.Array(Plan) }, { additionalProperties: false }),
});

export const putPlan = endpoint({
  method: 'PUT',
  path: '/v1/plans/:plan',
  summary: 'Make a plan or change its limits; sites that have it get them at once.',
  params: Type.Object({ plan: ShortName }),
  body: Type.Object({ limits: Limits, orderable: Type.Optional(Orderable) }, { additionalProperties: false }),
  status: 200,
  answer: Plan,
});
