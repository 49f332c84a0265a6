import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Link } from '#agent/link/link.ts';
import type { ControlMessage, NodeReport } from '#contract/agent/messages.ts';
import type { NodeId } from '#model/id.ts';
import { FakeControl } from './agent-support/fake-control.ts';
import { until } from './agent-support/test-node.ts';

/* The agent's way to a control plane: who it is, what it fetches and tells, and that it comes back. */

const DAY_MS = 86_400_000;

let control: FakeControl;
let folder: string;
let link: Link | undefined;
let clock = 0;
let offered: unknown[] = [];
let received: ControlMessage[] = [];
let complaints: readonly string[] = [];

beforeEach(async () => {
  control = await FakeControl.make();
  await control.listen('127.0.0.1', 0);
  folder = await mkdtemp(join(tmpdir(), 'hofje-link-'));
  await writeFile(join(folder, 'enrol-token'), `${control.token}\n`);
  await writeFile(join(folder, 'ca.pem'), control.authority.pem);
  clock = 0;
  offered = [];
  received = [];
  complaints = [];
});
afterEach(async () => {
  link?.close();
  await control.close();
  await rm(folder, { recursive: true });
});

function report(node: NodeId): NodeReport {
  const facts = { kernel: 'k', crun: 'c', cgroups: 'v1', memoryBytes: 1, processors: 1 } as const;
  return { node, at: 0, revision: 0, facts, alarms: [], services: [], sites: [], signals: [] };
}

function begin(port = control.port): Link {
  link?.close();
  link = new Link({
    controlUrl: `https://127.0.0.1:${port}`,
    identityFolder: folder,
    installation: control.installation,
    enrolled: async () => undefined,
    offer: async (value) => {
      offered.push(value);
      return undefined;
    },
    report: () => report(control.node),
    reported: () => undefined,
    received: (message) => received.push(message),
    complain: (_source, all) => {
      complaints = all.map((one) => one.code);
    },
    now: () => Date.now() + clock,
    chance: () => 0,
    log: pino({ level: 'silent' }),
  });
  link.start();
  return link;
}

test('enrols once, keeps what it is by root alone, and is the same afterwards', async () => {
  begin();
  await until('it is linked', () => control.linked && control.reports.length > 0);
  expect((await readdir(folder)).sort()).toEqual(['ca.pem', 'cert.pem', 'key.pem']);
  for (const name of ['key.pem', 'cert.pem']) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'key.pem'), 'utf8')).toContain('PRIVATE KEY');
  begin();
  await until('it is linked', () => control.linked);
  expect(control.enrolments).toBe(1);
});

test('shows its token to nobody whose authority it does not know', async () => {
  const stranger = await FakeControl.make();
  try {
    await stranger.listen('127.0.0.1', 0);
    begin(stranger.port);
    await until('it complains', () => complaints.includes('link.unreachable'));
    expect(stranger.enrolments).toBe(0);
    await rm(join(folder, 'ca.pem'));
    begin();
    await until('it complains', () => complaints.includes('link.no-authority'));
    expect(control.enrolments).toBe(0);
  } finally {
    await stranger.close();
  }
});

test('hears of a change in a moment, fetches each state once, and comes back after the control plane was away', async () => {
  const state = { revision: 1 } as unknown as FakeControl['desired'];
  control.want(state);
  begin();
  await until('the first state', () => offered.length === 1);
  await until('it is linked', () => control.linked);
  const from = performance.now();
  control.want({ ...state, revision: 2 });
  await until('the second state', () => offered.length === 2);
  expect(performance.now() - from).toBeLessThan(1000);
  control.send({ kind: 'changed', revision: 2 });
  const { pulls } = control;
  await until('it has looked', () => control.pulls > pulls);
  expect(offered).toHaveLength(2);

  const { port } = control;
  await control.close();
  await control.listen('127.0.0.1', port);
  await until('it is linked again', () => control.linked, 20_000);
  control.want({ ...state, revision: 3 });
  await until('the third state', () => offered.length === 3);
});

test('passes orders and questions on, and drops what it does not know', async () => {
  begin();
  await until('it is linked', () => control.linked);
  control.send({ kind: 'format-the-disk' } as unknown as ControlMessage);
  control.send({ kind: 'ask', id: 'q1', question: { ask: 'queue-list' } });
  await until('the question', () => received.length === 1);
  expect(received[0]).toMatchObject({ kind: 'ask', id: 'q1' });
  expect(control.linked).toBe(true);
});

test('renews its certificate when two thirds of its life are over', async () => {
  begin();
  await until('it is linked', () => control.linked);
  const before = await readFile(join(folder, 'cert.pem'), 'utf8');
  clock = 61 * DAY_MS;
  begin();
  await until('it has renewed', () => control.renewals > 0);
  await until('it is stored', async () => (await readFile(join(folder, 'cert.pem'), 'utf8')) !== before);
  expect(control.enrolments).toBe(1);
});
