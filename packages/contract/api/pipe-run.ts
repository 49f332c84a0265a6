import { type Static, Type } from 'typebox';
import { OUTCOME_KINDS } from '#model/door/outcome.ts';
import { AddressText, Moment } from './common.ts';
import { endpoint } from './endpoint.ts';

/** A message that went into a program, and what became of it. */
export const PipeRun = Type.Object(
  {
    at: Moment,
    milliseconds: Type.Integer({ description: 'From the door to the end, waking of the site included.' }),
    outcome: Type.Enum(OUTCOME_KINDS),
    status: Type.Union([Type.Integer(), Type.Null()], { description: 'With what it exited, where it did.' }),
    signal: Type.Union([Type.Integer(), Type.Null()], { description: 'Which signal ended it, where one did.' }),
    reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it did not start, or what it lacked.' }),
    mail: Type.Enum(['delivered', 'deferred', 'refused'], {
      description: 'What that is for a message: taken, tried again later, or sent back.',
    }),
    test: Type.Boolean({ description: 'It was no mail: somebody tried the pipe.' }),
    output: Type.String({ description: 'The beginning of what the program wrote.' }),
    cut: Type.Boolean({ description: 'It wrote more.' }),
  },
  { additionalProperties: false },
);
export type PipeRun = Static<typeof PipeRun>;

const params = Type.Object({ forwarder: Type.String({ maxLength: 400, description: 'Id or address.' }) });

export const listPipeRuns = endpoint({
  method: 'GET',
  path: '/v1/forwarders/:forwarder/runs',
  summary: 'The last messages that went into a pipe, newest first, as far as its node remembers.',
  params,
  status: 200,
  answer: Type.Object({ items: Type.Array(PipeRun) }, { additionalProperties: false }),
});

export const testPipe = endpoint({
  method: 'POST',
  path: '/v1/forwarders/:forwarder/test',
  summary: 'Feed a message to a pipe through the real door, and hear what became of it. Ends after a minute.',
  params,
  body: Type.Object(
    {
      from: Type.Optional(AddressText),
      message: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 262_144,
          description: 'Header and body; a short greeting otherwise.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: PipeRun,
});
