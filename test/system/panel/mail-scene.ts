import type { AgentMessage, ControlMessage, PipeRun } from '#contract/agent/messages.ts';
import { createForwarder } from '#contract/api/forwarder.ts';
import { invite } from '#contract/api/invitation.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { addMember } from '#contract/api/membership.ts';
import type { TestControl } from '#control/testing/harness.ts';
import { makePerson } from '#control/testing/visitor.ts';

/** Mail of a bakery, who works there, and what became of messages that went into its program. */

export const MAILBOX = 'info@bakkerij-de-korenaar.nl';
export const FORWARDER = 'bestel@bakkerij-de-korenaar.nl';
export const PIPE = 'vragen@bakkerij-de-korenaar.nl';
export const COLLEAGUE = 'anna@example.net';

const COMMAND = 'php -d memory_limit=64M \'/home/site/bin/lees vraag.php\' --van "$SENDER"';

const RUN: PipeRun = {
  at: 0,
  milliseconds: 212,
  outcome: { kind: 'exited', status: 0 },
  test: false,
  output: 'vraag 411 opgeslagen\n',
  cut: false,
};

function runsAt(now: number): PipeRun[] {
  return [
    { ...RUN, at: now - 60_000 },
    {
      ...RUN,
      at: now - 3_700_000,
      milliseconds: 1804,
      outcome: { kind: 'exited', status: 75 },
      output: 'PHP Warning: <b>mysqli</b>: no connection\n',
    },
    { ...RUN, at: now - 7_300_000, outcome: { kind: 'no-program' }, output: '' },
    { ...RUN, at: now - 9_000_000, outcome: { kind: 'starved', what: 'memory', status: 137 }, output: '' },
  ];
}

/** A node's answers about its pipes. */
export function answerPipes(message: ControlMessage, answer: (message: AgentMessage) => void): void {
  if (message.kind !== 'ask') return;
  const { id, question } = message;
  if (question.ask === 'pipe-runs') answer({ kind: 'answer', id, ok: true, value: { runs: runsAt(Date.now()) } });
  if (question.ask === 'pipe-test') {
    answer({ kind: 'answer', id, ok: true, value: { ...RUN, at: Date.now(), test: true } });
  }
}

export async function furnishMail(control: TestControl, password: string): Promise<void> {
  for (const address of [MAILBOX, 'bakker@bakkerij-de-korenaar.nl', '*@bakkerij-de-korenaar.nl']) {
    await control.call(createMailbox, { body: { address, password, quotaBytes: 512 * 1024 ** 2 } });
  }
  await control.call(createForwarder, { body: { address: FORWARDER, to: [MAILBOX, 'bestellingen@elders.example'] } });
  await control.call(createForwarder, { body: { address: PIPE, pipe: COMMAND } });
  await makePerson(control, { email: COLLEAGUE, password });
  const params = { account: 'willem' };
  await control.call(addMember, { params, body: { person: COLLEAGUE, role: 'reader' } });
  await control.call(invite, { params, body: { role: 'owner', email: 'kees@example.net' } });
}

/** Names and addresses of the pages of mail and of oneself. */
export async function mailPages({ control }: TestControl): Promise<readonly (readonly [string, string])[]> {
  const { db } = control.context;
  const domain = await db
    .selectFrom('domain')
    .select('id')
    .where('name', '=', 'bakkerij-de-korenaar.nl')
    .executeTakeFirstOrThrow();
  const unproven = await db
    .selectFrom('domain')
    .select('id')
    .where('name', '=', 'nieuw-idee.nl')
    .executeTakeFirstOrThrow();
  const mailbox = await db.selectFrom('mailbox').select('id').where('address', '=', MAILBOX).executeTakeFirstOrThrow();
  const forwarderAt = async (address: string) =>
    (await db.selectFrom('forwarder').select('id').where('address', '=', address).executeTakeFirstOrThrow()).id;
  return [
    ['mail', '/mail'],
    ['mail-domain', `/mail/${domain.id}`],
    ['mail-unproven', `/mail/${unproven.id}`],
    ['mailbox', `/mailboxes/${mailbox.id}`],
    ['forwarder', `/forwarders/${await forwarderAt(FORWARDER)}`],
    ['pipe', `/forwarders/${await forwarderAt(PIPE)}`],
    ['people', '/people'],
    ['activity', '/activity'],
    ['me', '/me'],
    ['security', '/me/security'],
    ['tokens', '/me/tokens'],
  ];
}
