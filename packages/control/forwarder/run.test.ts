import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PipeRun, Question } from '#contract/agent/messages.ts';
import { listAudit } from '#contract/api/audit.ts';
import { createForwarder, type Forwarder } from '#contract/api/forwarder.ts';
import { listPipeRuns, testPipe } from '#contract/api/pipe-run.ts';
import { createSite } from '#contract/api/site.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { showRun } from './run-routes.ts';

let world: TestWorld;
let control: TestControl;
let pipe: Forwarder;
const asked: Question[] = [];
const run: PipeRun = {
  at: Date.parse('2026-01-01T00:00:00Z'),
  milliseconds: 12.4,
  outcome: { kind: 'exited', status: 3 },
  test: true,
  output: 'only for the owner',
  cut: false,
};

beforeAll(async () => {
  world = await startTestWorld({
    follow: {
      onMessage(message, answer) {
        if (message.kind !== 'ask') return;
        asked.push(message.question);
        const value = message.question.ask === 'pipe-runs' ? { runs: [run] } : run;
        answer({ kind: 'answer', id: message.id, ok: true, value });
      },
    },
  });
  control = world.control;
  const overrideReason = 'made in a test';
  await control.call(createSite, { body: { domain: 'a.example', account: 'alice', overrideReason } });
  pipe = await control.call(createForwarder, { body: { address: 'in@a.example', pipe: 'php in.php' } });
});

afterAll(async () => {
  await world?.stop();
});

const shown = {
  at: '2026-01-01T00:00:00.000Z',
  milliseconds: 12,
  outcome: 'exited',
  status: 3,
  signal: null,
  reason: null,
  mail: 'refused',
  test: true,
  output: 'only for the owner',
  cut: false,
};

test('a message is tried through the door, and its run is told, not recorded', async () => {
  const made = await control.call(testPipe, { params: { forwarder: 'in@a.example' }, body: { from: 'x@example.net' } });
  expect(made).toEqual(shown);
  expect(asked.at(-1)).toMatchObject({
    ask: 'pipe-test',
    forwarder: pipe.id,
    env: { SENDER: 'x@example.net', RECIPIENT: 'in@a.example', LOCAL_PART: 'in', DOMAIN: 'a.example' },
    message: expect.stringMatching(/^From: <x@example\.net>\nTo: <in@a\.example>\n.*\n\n.*\n$/s),
  });
  const { items } = await control.call(listAudit, { query: { object: pipe.id } });
  expect(items[0]).toMatchObject({
    action: 'POST /v1/forwarders/:forwarder/test',
    after: { tested: 'exited', status: 3 },
  });
  expect(JSON.stringify(items)).not.toContain('only for the owner');
});

test('an own message goes in as it is, with lines as programs have them', async () => {
  const message = 'Subject: x\r\n\r\nhello\r\n\r\n';
  await control.call(testPipe, { params: { forwarder: pipe.id }, body: { message } });
  expect(asked.at(-1)).toMatchObject({ message: 'Subject: x\n\nhello\n', env: { SENDER: 'test@a.example' } });
});

test('the last runs are the node’s to tell', async () => {
  expect(await control.call(listPipeRuns, { params: { forwarder: pipe.id } })).toEqual({ items: [shown] });
});

test('an address that leads into no program has no runs', async () => {
  const plain = await control.call(createForwarder, { body: { address: 'on@a.example', to: ['x@example.net'] } });
  const params = { forwarder: plain.id };
  expect(await control.problem(listPipeRuns, { params })).toMatchObject({ code: 'forwarder.not-a-pipe' });
  expect(await control.problem(testPipe, { params, body: {} })).toMatchObject({ code: 'forwarder.not-a-pipe' });
});

test.each<[Outcome, object]>([
  [
    { kind: 'exited', status: 0 },
    { status: 0, mail: 'delivered' },
  ],
  [
    { kind: 'exited', status: 75 },
    { status: 75, mail: 'deferred' },
  ],
  [{ kind: 'no-program' }, { status: null, mail: 'refused' }],
  [
    { kind: 'signalled', signal: 9 },
    { signal: 9, mail: 'deferred' },
  ],
  [{ kind: 'timed-out', seconds: 60 }, { mail: 'deferred' }],
  [
    { kind: 'starved', what: 'memory', status: 2 },
    { status: 2, reason: 'memory', mail: 'deferred' },
  ],
  [
    { kind: 'not-started', reason: 'suspended', detail: '/srv/secret' },
    { reason: 'suspended', mail: 'deferred' },
  ],
])('%j', (outcome, expected) => {
  const told = showRun({ ...run, outcome });
  expect(told).toMatchObject(expected);
  expect(JSON.stringify(told)).not.toContain('/srv');
});
