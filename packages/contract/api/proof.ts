import { type Static, Type } from 'typebox';
import { IdText, MaybeMoment, Moment, ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';
import { Limits } from './plan.ts';
import { DoorName, Theme } from './probe.ts';
import { SITE_STATES_SHOWN } from './site.ts';

const Verdict = Type.Enum(['closed', 'open', 'declared', 'not-tested']);
const Source = Type.Enum(['own', 'decoy'], {
  description:
    '`own`: said from inside the site’s own container, which is its word and no proof. `decoy`: found from a site of the platform next door, behind the same walls.',
});
const MaybeText = Type.Union([Type.String(), Type.Null()]);
const MaybeFact = Type.Union([Type.String(), Type.Null()], {
  description: 'As the probe told it; null when it tells of the machine.',
});

/** What one source says of one wall. */
export const ProofFinding = Type.Object(
  {
    source: Source,
    verdict: Verdict,
    doors: Type.Array(DoorName, { description: 'All through which it was found.' }),
    door: DoorName,
    fact: MaybeFact,
    at: Moment,
  },
  { additionalProperties: false },
);

/** One promise of isolation, and what is known of it. */
export const ProofWall = Type.Object(
  {
    probe: Type.String(),
    theme: Theme,
    promise: Type.String({ description: 'What nobody in the site can do.' }),
    declared: Type.Union([Type.String(), Type.Null()], { description: 'Why it is visible by decision, where it is.' }),
    verdict: Verdict,
    findings: Type.Array(ProofFinding),
    control: Type.Union(
      [
        Type.Object(
          { saw: Type.Enum(['seen', 'unseen', 'untested']), fact: MaybeFact, at: Moment },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      { description: 'What the same probe sees in a container without isolation on the same node.' },
    ),
  },
  { additionalProperties: false },
);
export type ProofWall = Static<typeof ProofWall>;

export const ProofLook = Type.Object(
  {
    source: Source,
    door: DoorName,
    at: MaybeMoment,
    triedAt: Moment,
    failure: MaybeText,
    image: MaybeText,
    current: Type.Boolean({ description: 'It was the image that runs now.' }),
  },
  { additionalProperties: false },
);

export const ProofRun = Type.Object(
  {
    startedAt: Moment,
    endedAt: MaybeMoment,
    done: Type.Integer({ minimum: 0 }),
    steps: Type.Integer({ minimum: 1 }),
    trouble: Type.Union([Type.String(), Type.Null()], { description: 'Why it did not come to its end.' }),
  },
  { additionalProperties: false },
);

export const Proof = Type.Object(
  {
    site: IdText('site'),
    name: Type.String(),
    state: Type.Enum(SITE_STATES_SHOWN),
    instance: MaybeText,
    image: Type.Object(
      {
        digest: Type.String(),
        kind: MaybeText,
        builtAt: MaybeMoment,
        since: Type.Union([Moment, Type.Null()], { description: 'Since when the node runs it here.' }),
      },
      { additionalProperties: false },
    ),
    plan: Type.Object({ name: ShortName, limits: Limits }, { additionalProperties: false }),
    walls: Type.Array(ProofWall),
    looks: Type.Array(ProofLook, { description: 'Every door that was looked through, with the last try.' }),
    run: Type.Union([ProofRun, Type.Null()], { description: 'The last run that somebody asked for.' }),
    nextRunAt: Type.Union([Moment, Type.Null()], { description: 'Before that, no run is begun; null: at once.' }),
  },
  { additionalProperties: false },
);
export type Proof = Static<typeof Proof>;

const params = Type.Object({ site: Type.String({ maxLength: 300, description: 'Id, or one of its host names.' }) });

export const getProof = endpoint({
  method: 'GET',
  path: '/v1/sites/:site/proof',
  summary: 'The walls of a site’s container: what the last probes found, through which doors, and whose word that is.',
  params,
  status: 200,
  answer: Proof,
});

export const runProof = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/proof',
  summary:
    'Look again now, through every door; once a minute. Wakes the site. Answers at the end; `run` of the proof tells meanwhile how far it is.',
  params,
  status: 200,
  answer: Proof,
});
