import type { AgentMessage, ControlMessage } from '#contract/agent/messages.ts';
import { createNode } from '#contract/api/node.ts';
import type { TestAgent } from '#control/testing/agent.ts';
import type { TestControl } from '#control/testing/harness.ts';
import { testDigest } from '#control/testing/world.ts';

/** What an operator sees besides: a node with an alarm, one that has not come yet, mail that waits. */

const FACTS = {
  kernel: '6.1.0-41-amd64',
  crun: '1.8.1',
  cgroups: 'v2',
  memoryBytes: 24 * 2 ** 30,
  processors: 8,
} as const;

const QUEUE = [
  {
    id: '1sXyZa-0001Ab-Cd',
    sender: 'bestellingen@bakkerij-de-korenaar.nl',
    recipients: ['jan@elders.example'],
    sizeBytes: 4212,
    ageSeconds: 7260,
    frozen: false,
  },
  {
    id: '1sXyZb-0002Ab-Ef',
    sender: '',
    recipients: ['nieuwsbrief@verweg.example', 'tweede@verweg.example'],
    sizeBytes: 1_840_112,
    ageSeconds: 190_000,
    frozen: true,
  },
];

const SHOWN = {
  headers:
    'From: Bakkerij de Korenaar <bestellingen@bakkerij-de-korenaar.nl>\nTo: jan@elders.example\nSubject: Uw bestelling <b>staat klaar</b>',
  log: '2026-11-24 10:12:04 jan@elders.example R=remote T=smtp defer (-44): SMTP error from remote mail server: 451 try again later',
};

/** A node's answers about its queue. */
export function answerQueue(message: ControlMessage, answer: (message: AgentMessage) => void): void {
  if (message.kind !== 'ask') return;
  const { id, question } = message;
  if (question.ask === 'queue-list') answer({ kind: 'answer', id, ok: true, value: { messages: QUEUE } });
  if (question.ask === 'queue-show') answer({ kind: 'answer', id, ok: true, value: SHOWN });
  if (question.ask === 'queue-retry') answer({ kind: 'answer', id, ok: true, value: {} });
}

/** The node's last word before the pages are looked at. */
export async function tellOfNode(control: TestControl, agent: TestAgent): Promise<void> {
  const { revision } = await agent.desired();
  const instance = 'ins_00000000000000000000' as const;
  const image = (kind: string) => testDigest(kind) as `sha256:${string}`;
  await agent.report({
    revision,
    facts: { ...FACTS, disk: { sizeBytes: 200 * 2 ** 30, freeBytes: 171 * 2 ** 30 } },
    alarms: [
      {
        code: 'mail.entry-held',
        message: 'The forwarder info@koor-zonder-naam.nl cannot be written: its last good entry goes on.',
        since: Date.now() - 5_400_000,
      },
    ],
    services: [
      { kind: 'edge', instance, image: image('edge'), state: 'running' },
      { kind: 'mail', instance, image: image('mail'), state: 'starting', reason: 'a new image is being unpacked' },
    ],
  });
  await control.call(createNode, { body: { name: 'node2' } });
}

/** Names and addresses of the operator's pages. */
export async function operatorPages({ control }: TestControl): Promise<readonly (readonly [string, string])[]> {
  const { db } = control.context;
  const { id } = await db.selectFrom('account').select('id').where('name', '=', 'willem').executeTakeFirstOrThrow();
  return [
    ['fleet', '/nodes'],
    ['node', '/nodes/node1'],
    ['probes', '/probes'],
    ['accounts', '/accounts'],
    ['account', `/accounts/${id}`],
    ['all-sites', '/sites'],
    ['queue', '/queue'],
    ['images', '/images'],
    ['audit', '/audit'],
    ['audit-filtered', '/audit?account=willem'],
  ];
}
