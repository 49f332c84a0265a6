import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type StandInAgent,
  type StandInBehaviour,
  type StandInEntry,
  startStandInAgent,
} from '#gate/testing/stand-in-agent.ts';
import { makeTemporaryFolder } from '#gate/testing/temporary-folder.ts';
import { WireClient } from '#gate/testing/wire-client.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { makeId } from '#model/id.ts';
import { GATE_UID, GateProcess } from './gate-process.ts';

const SITE = makeId('site', randomBytes(20));
const FORWARDER = makeId('forwarder', randomBytes(20));
const DELIVERED: Outcome = { kind: 'exited', status: 0 };
const ENVELOPE = `X-Hofje-Envelope: - ${Buffer.from('info@example.org').toString('base64')}`;

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let agent: StandInAgent;
let behaviour: StandInBehaviour;
let gates: GateProcess[];
let siteFolder: string;

const lmtpSocket = () => join(folder.path, 'gate', 'mail', 'lmtp.sock');
const wakeSocket = () => join(folder.path, 'gate', 'edge', 'wake.sock');
const submissionSocket = () => join(siteFolder, 'submission.sock');

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  await chmod(folder.path, 0o711);
  for (const name of ['gate', 'site']) {
    await mkdir(join(folder.path, name));
    await chown(join(folder.path, name), GATE_UID, GATE_UID);
  }
  siteFolder = join(folder.path, 'site');
  const agentSocket = join(folder.path, 'agent.sock');
  behaviour = {};
  gates = [];
  agent = await startStandInAgent(agentSocket, {
    wake: async () => ({ awake: true }),
    enter: (entry) => behaviour.enter?.(entry) ?? Promise.resolve(undefined),
  });
  await chown(agentSocket, 0, GATE_UID);
  await chmod(agentSocket, 0o660);
  const config = {
    runFolder: join(folder.path, 'gate'),
    agentSocket,
    mailAddressFile: join(folder.path, 'mail-address'),
  };
  await writeFile(configFile(), JSON.stringify(config));
  agent.order({
    order: 'sites',
    sites: [
      { id: SITE, folder: siteFolder, primaryName: 'example.org', senderDomains: ['example.org'], mailPerHour: 5 },
    ],
  });
});

afterEach(async () => {
  for (const { child, ended } of gates) {
    child.kill('SIGKILL');
    await ended;
  }
  await agent.close();
  await folder.remove();
});

const configFile = () => join(folder.path, 'gate.json');

async function startGate(): Promise<GateProcess> {
  const gate = new GateProcess(configFile());
  gates.push(gate);
  await gate.has('gate.started');
  return gate;
}

function wake(): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'X-Hofje-Site': SITE, 'X-Hofje-Connect-Time': '-', 'X-Hofje-Attempt': '1' };
    request({ socketPath: wakeSocket(), method: 'POST', path: '/wake', headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

/** A mail for the pipe; undefined when the gate went away before it answered. */
async function deliver(): Promise<string | undefined> {
  try {
    const client = await WireClient.connect(lmtpSocket());
    await client.say('LHLO mail');
    await client.say('MAIL FROM:<>');
    await client.say(`RCPT TO:<${FORWARDER}@pipe.invalid>`);
    await client.say('DATA');
    const reply = await client.say(`${ENVELOPE}\r\n\r\nx\r\n.`);
    client.close();
    return reply === '' ? undefined : reply;
  } catch {
    return undefined;
  }
}

const reading = async (entry: StandInEntry): Promise<Outcome> => {
  await entry.readStdin();
  return DELIVERED;
};

describe('the process of the gate', () => {
  it('refuses to be root', async () => {
    const gate = new GateProcess(configFile(), 0);
    gates.push(gate);
    expect(await gate.ended).toBe(1);
    expect(gate.events).toMatchObject([{ event: 'gate.failed', err: { code: 'gate.is-root' } }]);
  });

  it('serves the edge, the mail server and the sites, whatever its umask', async () => {
    behaviour = { enter: reading };
    const gate = await startGate();
    expect(await wake()).toBe(200);
    expect(await deliver()).toMatch(/^250 /);
    await expect.poll(() => stat(submissionSocket()).catch(() => undefined)).toBeDefined();
    for (const socket of [wakeSocket(), lmtpSocket(), submissionSocket()]) {
      const { mode, uid } = await stat(socket);
      expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o666, uid: GATE_UID });
    }
    const client = await WireClient.connect(submissionSocket());
    await client.say('EHLO site');
    expect(await client.say('MAIL FROM:<>')).toMatch(/^451 4\.3\.0 /);
    client.close();
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['wake', 'lmtp.delivery', 'gate.stopped']),
    );
    expect(await readFile(join(folder.path, 'gate', 'limits.json'), 'utf8')).toBe('{}');
  });

  it('lets a running program finish when it is told to stop', async () => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    behaviour = {
      enter: async (entry) => {
        await entry.readStdin();
        begun.resolve();
        await finish.promise;
        return DELIVERED;
      },
    };
    const gate = await startGate();
    const reply = deliver();
    await begun.promise;
    gate.child.kill('SIGTERM');
    await gate.has('gate.stopping');
    expect(await deliver()).toBeUndefined();
    finish.resolve();
    expect(await reply).toMatch(/^250 /);
    expect(await gate.ended).toBe(0);
  });

  it('may be killed at any time: nothing is lost, and the next one takes over', async () => {
    let entries = 0;
    behaviour = {
      enter: (entry) => {
        entries += 1;
        return reading(entry);
      },
    };
    let mails = 60;
    let delivered = 0;
    let tries = 0;
    const sender = async () => {
      while (mails > 0) {
        mails -= 1;
        for (let reply: string | undefined; reply === undefined; tries += 1) reply = await deliver();
        delivered += 1;
      }
    };
    let gate = await startGate();
    const sending = Promise.all([sender(), sender(), sender()]);
    for (const remaining of [50, 30, 10]) {
      await expect.poll(() => mails, { interval: 1, timeout: 60_000 }).toBeLessThan(remaining);
      gate.child.kill('SIGKILL');
      await gate.ended;
      gate = await startGate();
    }
    await sending;
    expect(delivered).toBe(60);
    expect(entries).toBeGreaterThanOrEqual(60);
    expect(entries).toBeLessThanOrEqual(tries);
    expect(await wake()).toBe(200);
  });
});
