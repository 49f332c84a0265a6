import { type Static, Type } from 'typebox';
import { DOOR_NAMES } from '#model/door/door.ts';
import { ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';

const DoorName = Type.Enum(['web', ...DOOR_NAMES] as const);

/** What one look from one site through one door found. The probes and what they stand for are in model/probe. */
export const ProbeRow = Type.Object({
  site: Type.String(),
  door: DoorName,
  decoy: Type.Boolean({ description: 'A site of the platform: only then it is a proof, else the site’s word.' }),
  failure: Type.Optional(Type.String({ description: 'Why nothing was found out, when the look itself failed.' })),
  results: Type.Array(
    Type.Object({
      probe: Type.String(),
      verdict: Type.Enum(['closed', 'open', 'declared', 'not-tested']),
      fact: Type.String(),
    }),
  ),
});
export type ProbeRow = Static<typeof ProbeRow>;

/** What a node answers to the question `probe-run`. */
export const ProbeReport = Type.Object({
  rows: Type.Array(ProbeRow),
  absentBaits: Type.Array(Type.String(), {
    description: 'Probes whose bait was not there: what they did not see proves nothing.',
  }),
  careless: Type.Object(
    { found: Type.Integer(), looked: Type.Integer(), missed: Type.Array(Type.String()) },
    { description: 'The same program in a container without isolation.' },
  ),
});
export type ProbeReport = Static<typeof ProbeReport>;

export const runProbes = endpoint({
  method: 'POST',
  path: '/v1/probes',
  summary: 'Look, from inside sites, for what must not be seen or reached from there. Takes minutes.',
  body: Type.Object(
    {
      site: Type.Optional(
        Type.String({ maxLength: 300, description: 'Id or host name; every site and decoy otherwise.' }),
      ),
      door: Type.Optional(DoorName),
      node: Type.Optional(Type.String({ maxLength: 100, description: 'Id or name; all nodes otherwise.' })),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object(
    {
      passed: Type.Boolean({ description: 'Every look took place and none found anything open.' }),
      nodes: Type.Array(
        Type.Object({
          node: ShortName,
          trouble: Type.Optional(Type.String({ description: 'Why the node has no report.' })),
          report: Type.Optional(ProbeReport),
        }),
      ),
    },
    { additionalProperties: false },
  ),
});
