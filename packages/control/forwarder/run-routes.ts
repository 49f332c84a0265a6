import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { PipeRun as NodePipeRun } from '#contract/agent/messages.ts';
import { listPipeRuns, type PipeRun, testPipe } from '#contract/api/pipe-run.ts';
import { OUTCOME_KINDS, type Outcome } from '#model/door/outcome.ts';
import { HofjeError } from '#model/error.ts';
import { CATCH_ALL, parseForeignAddress } from '#model/mail/address.ts';
import { replyToPipe } from '#model/mail/outcome.ts';
import { pipeVariables } from '#model/mail/variables.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { audit } from '../audit.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { findDomain } from '../domain/queries.ts';
import { serve } from '../http/serve.ts';
import { askNode } from '../link/question.ts';
import { findForwarder } from './queries.ts';

/** A minute of the program's, and the time to wake its site. */
const TEST_TIMEOUT_MS = 110_000;

/** What a node says of a run; the rest of the outcome depends on its kind. */
const Run = Type.Object({
  at: Type.Number(),
  milliseconds: Type.Number(),
  outcome: Type.Object({ kind: Type.Enum(OUTCOME_KINDS) }),
  test: Type.Boolean(),
  output: Type.String({ maxLength: 8192 }),
  cut: Type.Boolean(),
});

/** What became of messages for a pipe: the last ones, and one that is tried. */
export function pipeRunRoutes(app: FastifyInstance, context: Context): void {
  serve(app, listPipeRuns, async (_input, request) => {
    const { forwarder, domain } = await pipeOf(context, request);
    const question = { ask: 'pipe-runs', forwarder: forwarder.id } as const;
    const answer = await askNode(context, request, domain.node_id, question, Type.Object({ runs: Type.Array(Run) }));
    return { items: answer.runs.map((run) => showRun(run as NodePipeRun)) };
  });

  serve(app, testPipe, async ({ body }, request) => {
    const { forwarder, domain } = await pipeOf(context, request);
    const recipient = forwarder.address.replace(new RegExp(`^\\${CATCH_ALL}@`), 'test@');
    const sender = body.from === undefined ? `test@${domain.name}` : parseForeignAddress(body.from, 'from');
    const message = body.message ?? greeting({ sender, recipient, at: context.now(), id: request.id });
    const question = {
      ask: 'pipe-test',
      forwarder: forwarder.id,
      env: { ...pipeVariables({ sender, recipient }) },
      // As mail comes to a program: lines end in LF, and the message in exactly one.
      message: message.replaceAll('\r\n', '\n').replace(/\n*$/, '\n'),
    } as const;
    const run = showRun(
      (await askNode(context, request, domain.node_id, question, Run, TEST_TIMEOUT_MS)) as NodePipeRun,
    );
    // What the program said is its owner's business; that it was tried is on record.
    const after = { tested: run.outcome, status: run.status };
    await audit(context.db, request, forwarder.id, { account: domain.account_id, domain: domain.id, after });
    return run;
  });
}

/** The pipe that a request names. Throws `forwarder.not-a-pipe`. */
async function pipeOf(context: Context, request: FastifyRequest) {
  const forwarder = await findForwarder(context.db, EVERYTHING, objectOf(request, 'forwarder'));
  if (forwarder.kind !== 'pipe') {
    throw new HofjeError('forwarder.not-a-pipe', 'The address leads into no program.', { field: 'forwarder' });
  }
  return { forwarder, domain: await findDomain(context.db, EVERYTHING, forwarder.domain_id) };
}

/** Pure. */
export function showRun({ at, milliseconds, outcome, test, output, cut }: NodePipeRun): PipeRun {
  return {
    at: new Date(at).toISOString(),
    milliseconds: Math.round(milliseconds),
    outcome: outcome.kind,
    status: outcome.kind === 'exited' || outcome.kind === 'starved' ? outcome.status : null,
    signal: outcome.kind === 'signalled' ? outcome.signal : null,
    reason: reasonOf(outcome),
    mail: MAIL[replyToPipe(outcome).code] ?? 'deferred',
    test,
    output,
    cut,
  };
}

const MAIL: Readonly<Record<number, PipeRun['mail']>> = { 250: 'delivered', 451: 'deferred', 550: 'refused' };

/** The detail of an outcome is for operators; a customer gets the kind of reason. */
function reasonOf(outcome: Outcome): string | null {
  if (outcome.kind === 'not-started') return outcome.reason;
  return outcome.kind === 'starved' ? outcome.what : null;
}

interface Greeting {
  readonly sender: string;
  readonly recipient: string;
  readonly at: Date;
  readonly id: string;
}

/** A message as somebody might send it (RFC 5322). Pure. */
function greeting({ sender, recipient, at, id }: Greeting): string {
  return [
    `From: <${sender}>`,
    `To: <${recipient}>`,
    'Subject: A message to try this address',
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@${sender.slice(sender.lastIndexOf('@') + 1)}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'This message came through the door for mail, to show what the program does with it.',
    '',
  ].join('\n');
}
