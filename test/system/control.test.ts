import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '#control/testing/harness.ts';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { startPostgres, type TestPostgres } from '#test/support/postgres.ts';

/** The control plane as the platform starts it: a process of its own, a user without rights, a configuration file. */

const UID = 0x1fff_fff0;
const MAIN = join(import.meta.dirname, '../../packages/control/main.ts');

let postgres: TestPostgres;
let folder: string;
let database: string;
let port: number;
const token = randomBytes(32).toString('base64url');
const running: ChildProcess[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  // The socket's folder is the server's own; others may pass through it.
  chmodSync(postgres.socketFolder, 0o711);
  database = await postgres.makeDatabase();
  folder = mkdtempSync(join(tmpdir(), 'hofje-control-main-'));
  chownSync(folder, UID, UID);
  port = await freePort();
});

afterAll(async () => {
  for (const child of running) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function writeConfig(changes: Record<string, unknown> = {}): string {
  const path = join(folder, 'config.json');
  const config = {
    database: { socketFolder: postgres.socketFolder, user: postgres.user, database },
    operatorTokenHash: createHash('sha256').update(token).digest('hex'),
    // The second address comes and goes with a node; this one never comes.
    listen: [
      { host: '127.0.0.1', port },
      { host: '192.0.2.1', port },
    ],
    pkiFolder: join(folder, 'pki'),
    publicUrls: { client: `https://127.0.0.1:${port}`, node: `https://127.0.0.1:${port}` },
    ...changes,
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o400 });
  chownSync(path, UID, UID);
  return path;
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | string>;
}

function start(config: string): Started {
  const argv = [`--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', '--', process.execPath, MAIN, '--config', config];
  const child = spawn('setpriv', argv, { env: HOST_ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  }
  const ended = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? '')),
  );
  return { child, output: () => output, ended };
}

async function get(path: string): Promise<{ status: number; body: string }> {
  const agent = new Agent({ ca: readFileSync(join(folder, 'pki/ca.cert.pem')) });
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const asked = request(
    { hostname: '127.0.0.1', port, path, agent, headers: { authorization: `Bearer ${token}` } },
    (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    },
  );
  asked.on('error', reject);
  asked.end();
  return await promise.finally(() => agent.destroy());
}

async function untilReady(started: Started): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (started.child.exitCode !== null || performance.now() - began > 30_000) throw new Error(started.output());
    const answer = await get('/readyz').catch(() => undefined);
    if (answer?.status === 200) return performance.now() - began;
    await delay(25);
  }
}

describe('the process', () => {
  test('starts without rights, keeps its keys to itself, answers, and ends when told', async () => {
    const started = start(writeConfig());
    await untilReady(started);
    const status = readFileSync(`/proc/${started.child.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${UID}\\s+${UID}\\s+${UID}\\s+${UID}$`, 'm'));
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(statSync(join(folder, 'pki/ca.secret.pem')).mode & 0o777).toBe(0o600);
    expect((await get('/v1/plans')).status).toBe(200);
    const lines = started.output().trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ process: 'control' });
    expect(started.output()).not.toContain(token);

    const began = performance.now();
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('killed at any moment, it starts again on what is there', async () => {
    for (const after of [0, 150, 300, 500, 800]) {
      const started = start(writeConfig());
      await delay(after);
      started.child.kill('SIGKILL');
      await started.ended;
    }
    const started = start(writeConfig());
    await untilReady(started);
    expect(JSON.parse((await get('/v1/plans')).body)).toMatchObject({
      items: [{ name: 'small' }, { name: 'standard' }],
    });
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
  });

  test('outlives its database, and works again with it', async () => {
    const started = start(writeConfig());
    await untilReady(started);
    await postgres.kill();
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    await postgres.start();
    chmodSync(postgres.socketFolder, 0o711);
    await untilReady(started);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
  });
});

test('where somebody else listens it does not start, and does not hang', async () => {
  const started = start(writeConfig());
  await untilReady(started);
  const second = start(writeConfig());
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain('EADDRINUSE');
  started.child.kill('SIGTERM');
  expect(await started.ended).toBe(0);
});

describe('a wrong configuration ends it with 78 and a sentence', () => {
  test.each([
    ['an unknown member', { colour: 'red' }, 'colour'],
    ['another installation’s database', { installation: 'inst_00000000000000000000' }, 'belongs to the installation'],
  ])('%s', async (_what, changes, sentence) => {
    const started = start(writeConfig(changes));
    expect(await started.ended).toBe(78);
    expect(started.output()).toContain(sentence);
    expect(started.output()).not.toContain('    at ');
  });

  test('no file', async () => {
    const started = start(join(folder, 'nothing.json'));
    expect(await started.ended).toBe(78);
    expect(started.output()).toContain('nothing.json');
  });
});
