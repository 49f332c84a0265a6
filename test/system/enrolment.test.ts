import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNode, enrolNode } from '#contract/api/node.ts';
import { startTestControl, type TestControl } from '#control/testing/harness.ts';

/* A real agent's link and a real control plane; the agent is killed between the answer and the file that keeps it. */

const AGENT = join(import.meta.dirname, 'agent-support', 'enrol-main.ts');

let control: TestControl;
let folder: string;

beforeAll(async () => {
  control = await startTestControl();
  folder = await mkdtemp(join(tmpdir(), 'hofje-enrol-'));
});
afterAll(async () => {
  await control?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the agent's link in a process of its own until it ends. */
async function enrolInProcess(killAt: 'answer' | 'never'): Promise<NodeJS.Signals | number> {
  const { installation } = control.control.context;
  const agent = spawn(process.execPath, [AGENT, control.url, folder, installation, killAt], { stdio: 'inherit' });
  const [code, signal] = await once(agent, 'exit');
  return signal ?? code;
}

test('an agent that is killed before it has kept its certificate gets one by the same token', async () => {
  const { enrolment } = await control.call(createNode, { body: { name: 'killed' } });
  await writeFile(join(folder, 'enrol-token'), `${enrolment.token}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'ca.pem'), control.ca);
  for (let round = 0; round < 2; round += 1) {
    expect(await enrolInProcess('answer')).toBe('SIGKILL');
    expect((await readdir(folder)).sort()).toEqual(['ca.pem', 'enrol-token', 'key.pem']);
  }
  expect(await enrolInProcess('never')).toBe(0);
  expect((await readdir(folder)).sort()).toEqual(['ca.pem', 'cert.pem', 'key.pem']);
  expect(control.logged.filter((line) => line.includes('"link.open"'))).toHaveLength(1);
});

test('and one that has lost everything by a new one', async () => {
  await rm(join(folder, 'cert.pem'));
  await rm(join(folder, 'key.pem'));
  const { token } = await control.call(enrolNode, { params: { node: 'killed' } });
  await writeFile(join(folder, 'enrol-token'), `${token}\n`, { mode: 0o600 });
  expect(await enrolInProcess('never')).toBe(0);
});
