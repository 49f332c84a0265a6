import { type Static, Type } from 'typebox';
import { DOOR_NAMES } from '#model/door/door.ts';
import { ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';

/** What one look through one door found. The probes and what they stand for are in model/probe. */
export const ProbeRun = Type.Object({
  site: Type.Union([Type.String(), Type.Null()], { description: 'The site that was looked from; null: a decoy.' }),
  door: Type.String(),
  /** Why there are no results, when the look itself failed. */
  trouble: Type.Optional(Type.String()),
  results: Type.Array(
    Type.Object({
      probe: Type.String(),
      verdict: Type.Union(['closed', 'open', 'declared', 'not-tested'].map((verdict) => Type.Literal(verdict))),
      fact: Type.String(),
    }),
  ),
});
export type ProbeRun = Static<typeof ProbeRun>;

/** What a node answers to the question `probe-run`. */
export const ProbeAnswer = Type.Object({ runs: Type.Array(ProbeRun) });
export type ProbeAnswer = Static<typeof ProbeAnswer>;

export const runProbes = endpoint({
  method: 'POST',
  path: '/v1/probes',
  summary: 'Look, from inside sites, for what must not be seen or reached from there.',
  body: Type.Object(
    {
      site: Type.Optional(
        Type.String({ maxLength: 300, description: 'Id or host name; decoys on every node otherwise.' }),
      ),
      door: Type.Optional(
        Type.Union(
          DOOR_NAMES.map((door) => Type.Literal(door)),
          { description: 'All otherwise.' },
        ),
      ),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object(
    {
      passed: Type.Boolean({ description: 'Every look took place and none found anything open.' }),
      nodes: Type.Array(
        Type.Object({ node: ShortName, trouble: Type.Optional(Type.String()), runs: Type.Array(ProbeRun) }),
      ),
    },
    { additionalProperties: false },
  ),
});
