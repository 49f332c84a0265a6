import { type Static, type TSchema, Type } from 'typebox';
import { DOOR_NAMES } from '#model/door/door.ts';
import { THEMES } from '#model/probe/theme.ts';
import { IdText, MaybeMoment, Moment, PageQuery, ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';

/** The doors that probes look through: those of `enter`, and a website itself. */
export const PROBE_DOORS = ['web', ...DOOR_NAMES] as const;
export const DoorName = Type.Enum(PROBE_DOORS);
export type DoorName = Static<typeof DoorName>;
export const Theme = Type.Enum(THEMES);

/** What one look from one site through one door found. The probes and what they stand for are in model/probe. */
export const ProbeRow = Type.Object({
  site: Type.String(),
  door: DoorName,
  decoy: Type.Boolean({ description: 'A site of the platform: only then it is a proof, else the site’s word.' }),
  instance: Type.Optional(Type.String()),
  image: Type.Optional(Type.String({ description: 'Digest of what it ran.' })),
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

const Careless = Type.Object(
  { found: Type.Integer(), looked: Type.Integer(), missed: Type.Array(Type.String()) },
  { description: 'The same program in a container without isolation.' },
);

export const ProbeReport = Type.Object({
  rows: Type.Array(ProbeRow),
  absentBaits: Type.Array(Type.String(), {
    description: 'Probes whose bait was not there: what they did not see proves nothing.',
  }),
  careless: Careless,
});
export type ProbeReport = Static<typeof ProbeReport>;

const Sighting = Type.Object({
  probe: Type.String(),
  saw: Type.Enum(['seen', 'unseen', 'untested']),
  fact: Type.String(),
});

/** What a node answers to the question `probe-run`: also what was seen where isolation is missing, which tells of the machine. */
export const NodeProbeReport = Type.Object({
  ...ProbeReport.properties,
  careless: Type.Object({ ...Careless.properties, sightings: Type.Optional(Type.Array(Sighting)) }),
});
export type NodeProbeReport = Static<typeof NodeProbeReport>;

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

const Maybe = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);

/** A row of the matrix: everything that was last found from one place through one door. What is in no list was closed. */
export const MatrixRow = Type.Object(
  {
    kind: Type.Enum(['decoy', 'site'], { description: 'A decoy is a site of the platform: its word is a proof.' }),
    node: Type.Object({ id: IdText('node'), name: ShortName }, { additionalProperties: false }),
    site: Maybe(Type.Object({ id: IdText('site'), name: Type.String() }, { additionalProperties: false })),
    door: DoorName,
    at: Type.Union([Moment, Type.Null()], { description: 'Of the last look that took place; null when none did.' }),
    triedAt: Moment,
    failure: Type.Union([Type.String(), Type.Null()], { description: 'Why the last try found nothing out.' }),
    instance: Maybe(Type.String()),
    image: Maybe(Type.String()),
    open: Type.Array(Type.Object({ probe: Type.String(), fact: Type.String() }, { additionalProperties: false })),
    declared: Type.Array(Type.String(), { description: 'Visible by decision.' }),
    notTested: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type MatrixRow = Static<typeof MatrixRow>;

export const probeMatrix = endpoint({
  method: 'GET',
  path: '/v1/probes/matrix',
  summary: 'What was last found by every probe, from every site and decoy, through every door; decoys first.',
  query: Type.Object(
    {
      ...PageQuery,
      holes: Type.Optional(Type.Boolean({ default: false, description: 'Only where something is open.' })),
      node: Type.Optional(Type.String({ maxLength: 100, description: 'Id or name.' })),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object(
    {
      probes: Type.Array(
        Type.Object(
          { probe: Type.String(), theme: Theme, promise: Type.String(), declared: Maybe(Type.String()) },
          { additionalProperties: false },
        ),
        { description: 'The columns.' },
      ),
      items: Type.Array(MatrixRow),
      next: Type.Union([Type.String(), Type.Null()], { description: 'Cursor of the next page; null after the last.' }),
      looks: Type.Integer({ description: 'Rows in all.' }),
      holes: Type.Integer({ description: 'Rows in all where something is open.' }),
      controls: Type.Array(
        Type.Object(
          {
            node: ShortName,
            at: MaybeMoment,
            found: Type.Integer(),
            looked: Type.Integer(),
            missed: Type.Array(Type.String(), {
              description: 'What it did not find even there: such a probe is blind.',
            }),
          },
          { additionalProperties: false },
        ),
        { description: 'How sharp the probes are: the same program in a container without isolation, by node.' },
      ),
    },
    { additionalProperties: false },
  ),
});
export type ProbeMatrix = Static<(typeof probeMatrix)['answer']>;
