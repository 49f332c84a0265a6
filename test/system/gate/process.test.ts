import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFolders } from '#agent/node/folders.ts';
import { ensureGateFolders, ensureSocketFolder } from '#agent/node/gate-folders.ts';
import {
  type StandInAgent,
  type StandInBehaviour,
  type StandInEntry,
  startStandInAgent,
} from '#gate/testing/stand-in-agent.ts';
import { makeTemporaryFolder } from '#gate/testing/temporary-folder.ts';
import { WireClient } from '#gate/testing/wire-client.ts';
import { run } from '#host/run.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { makeId } from '#model/id.ts';
import { kindUidBase, platformUid } from '#model/node/address.ts';
import { GATE_UID, GateProcess, SLOT } from './gate-process.ts';

const SITE = makeId('site', randomBytes(20));
const SITE_UID = kindUidBase(SLOT, 'edge') + 0x100000;
const FORWARDER = makeId('forwarder', randomBytes(20));
const DELIVERED: Outcome = { kind: 'exited', status: 0 };
const ENVELOPE = `X-Hofje-Envelope: - ${Buffer.from('info@example.org').toString('base64')}`;

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let agent: StandInAgent;
let behaviour: StandInBehaviour;
let gates: GateProcess[];
let siteFolder: string;

const folders = () => nodeFolders(folder.path);
const lmtpSocket = () => join(folders().gate, 'mail', 'lmtp.sock');
const wakeSocket = () => join(folders().gate, 'edge', 'wake.sock');
const submissionSocket = () => join(siteFolder, 'submission.sock');

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  await chmod(folder.path, 0o711);
  await ensureGateFolders(folders(), { slot: SLOT, gateUid: GATE_UID });
  siteFolder = join(folder.path, 'site');
  await ensureSocketFolder({ path: siteFolder, gateUid: GATE_UID, peer: SITE_UID });
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
    runFolder: folders().gate,
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

const as = (uid: number) =>
  ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs', '--'] as const;

/** Whether a process of this uid can connect. */
async function connects(uid: number, socket: string): Promise<boolean> {
  const argv = [...as(uid), 'socat', '-u', '/dev/null', `UNIX-CONNECT:${socket}`] as const;
  return (await run(argv, { accept: [0, 1] })).code === 0;
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
      expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o660, uid: GATE_UID });
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
    expect(await readFile(join(folders().gate, 'state', 'limits.json'), 'utf8')).toBe('{}');
  });

  it('hears those who are to connect, and no other uid of the machine', async () => {
    await startGate();
    await expect.poll(() => stat(submissionSocket()).catch(() => undefined)).toBeDefined();
    const edge = kindUidBase(SLOT, 'edge') + 33;
    const exim = kindUidBase(SLOT, 'mail') + 200;
    const control = platformUid(SLOT, 'control');
    const hearing = async (socket: string) => {
      const heard: number[] = [];
      for (const uid of [edge, exim, SITE_UID, control, 65534]) if (await connects(uid, socket)) heard.push(uid);
      return heard;
    };
    expect(await hearing(wakeSocket())).toEqual([edge]);
    expect(await hearing(lmtpSocket())).toEqual([exim]);
    expect(await hearing(submissionSocket())).toEqual([SITE_UID]);
  });

  it('cannot have anything else bound in the place of its folders', async () => {
    const { gate } = folders();
    for (const name of ['edge', 'mail', 'state']) {
      const { code } = await run([...as(GATE_UID), 'mv', '--', join(gate, name), join(gate, 'away')], {
        accept: [0, 1],
      });
      expect(code).toBe(1);
    }
    // As a gate that owned the folder could have left it.
    const prey = join(folder.path, 'prey');
    await mkdir(prey, { mode: 0o700 });
    await chown(gate, GATE_UID, GATE_UID);
    await rm(join(gate, 'edge'), { recursive: true });
    await symlink(prey, join(gate, 'edge'));
    await rename(join(gate, 'mail'), join(gate, 'away'));
    await ensureGateFolders(folders(), { slot: SLOT, gateUid: GATE_UID });
    expect(await stat(gate)).toMatchObject({ uid: 0, gid: 0 });
    expect(await lstat(join(gate, 'edge'))).toMatchObject({ uid: GATE_UID, gid: kindUidBase(SLOT, 'edge') + 33 });
    expect((await lstat(join(gate, 'edge'))).isDirectory()).toBe(true);
    expect(await stat(prey)).toMatchObject({ uid: 0, gid: 0 });
    expect((await stat(prey)).mode & 0o7777).toBe(0o700);
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
