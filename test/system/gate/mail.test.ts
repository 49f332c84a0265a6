import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureSocketFolder } from '#agent/node/gate-folders.ts';
import { EXIM_USER } from '#agent/service/folders.ts';
import { parseQueue } from '#agent/service/mail-queue.ts';
import { FRAME } from '#contract/gate/messages.ts';
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
import { MAIL_SUBMISSION_PORT } from '#model/network/service.ts';
import { MAIL, readMailbox, startMail, until, type World } from '../mail/fixture.ts';
import { message, Smtp, send } from '../mail/smtp.ts';
import { GATE_UID, GateProcess } from './gate-process.ts';

const DELIVERED: Outcome = { kind: 'exited', status: 0 };
const SITE = makeId('site', randomBytes(20));

let world: World;
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let agent: StandInAgent;
let gate: GateProcess;
let enter: NonNullable<StandInBehaviour['enter']>;

beforeAll(async () => {
  folder = await makeTemporaryFolder();
  await chmod(folder.path, 0o711);
  world = await startMail(async (w) => {
    const domain = await w.domain('one.example');
    w.mailbox(domain, 'sender');
    w.mailbox(domain, 'info');
    const site = w.site('one.example');
    for (const name of ['pipe', 'fails', 'waits', 'busy']) w.pipe(domain, name, site);
  });
  const agentSocket = join(folder.path, 'agent.sock');
  agent = await startStandInAgent(agentSocket, { enter: (entry) => enter(entry) });
  await chown(agentSocket, 0, GATE_UID);
  await chmod(agentSocket, 0o660);
  // The folder that is bound into the mail container, which is the gate's own.
  const runFolder = world.service.folders.gate;
  const exim = world.service.uidBase + EXIM_USER;
  await ensureSocketFolder({ path: join(runFolder, 'mail'), gateUid: GATE_UID, peer: exim });
  for (const name of ['edge', 'state']) {
    await ensureSocketFolder({ path: join(runFolder, name), gateUid: GATE_UID, peer: GATE_UID });
  }
  const siteFolder = join(folder.path, 'site');
  await mkdir(siteFolder);
  await chown(siteFolder, GATE_UID, GATE_UID);
  const mailAddressFile = join(folder.path, 'mail-address');
  await writeFile(mailAddressFile, `${MAIL}:${MAIL_SUBMISSION_PORT}\n`);
  await writeFile(configFile(), JSON.stringify({ runFolder, agentSocket, mailAddressFile }));
  agent.order({
    order: 'sites',
    sites: [
      { id: SITE, folder: siteFolder, primaryName: 'one.example', senderDomains: ['one.example'], mailPerHour: 50 },
    ],
  });
  await startGate();
});

afterAll(async () => {
  await gate?.kill();
  await agent?.close();
  await world?.service.stop();
  await folder?.remove();
});

const configFile = () => join(folder.path, 'gate.json');

async function startGate(): Promise<void> {
  gate = new GateProcess(configFile());
  await gate.has('gate.started');
}

async function queueLength(): Promise<number> {
  return parseQueue((await world.exim('-bp')).stdout).length;
}

const subjectOf = (mail: string) => /^Subject: (.*)$/m.exec(mail)?.[1] ?? '';

function collecting(outcome: Outcome = DELIVERED) {
  const mails: { text: string; env: Readonly<Record<string, string>> }[] = [];
  enter = async (entry: StandInEntry) => {
    const stdin = await entry.readStdin();
    if (stdin === undefined || entry.request.door !== 'mail-pipe') return { kind: 'container-died' };
    mails.push({ text: stdin.toString('latin1'), env: entry.request.env });
    return outcome;
  };
  return mails;
}

describe('Exim and the gate', () => {
  it('bring a mail to the program byte for byte, with its envelope', async () => {
    const mails = collecting();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at).filter((byte) => byte !== 10 && byte !== 13));
    const body = Buffer.concat([bytes, Buffer.from(`\r\n.\r\n..\r\n${'long '.repeat(30_000)}\r\n\r\n end \r\n\r\n`)]);
    const content = Buffer.concat([message('bytes', ''), body]);
    await send(MAIL, {
      from: '"a|b"@sender.example',
      to: ['pipe+x@one.example'],
      content,
      parameters: 'BODY=8BITMIME',
    });
    await until(async () => expect(mails).toHaveLength(1));
    const [mail] = mails;
    expect(mail?.text.slice(mail.text.indexOf('\n\n') + 2)).toBe(body.toString('latin1').replaceAll('\r\n', '\n'));
    expect(mail?.text).not.toMatch(/x-hofje/i);
    expect(mail?.env).toEqual({
      SENDER: '"a|b"@sender.example',
      RECIPIENT: 'pipe+x@one.example',
      LOCAL_PART: 'pipe',
      LOCAL_PART_SUFFIX: '+x',
      DOMAIN: 'one.example',
    });
  });

  it('bounce what a program refuses, in neutral words', async () => {
    enter = async (entry) => {
      await entry.write(FRAME.stderr, Buffer.from('secret of the program'));
      await entry.readStdin();
      return { kind: 'exited', status: 1 };
    };
    await send(MAIL, { from: 'sender@one.example', to: ['fails@one.example'], content: message('refuse me') });
    const [bounce] = await until(async () => {
      const found = await readMailbox('sender@one.example');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(bounce?.toString()).toContain('fails@one.example');
    expect(bounce?.toString()).not.toMatch(/secret|fwd_|pipe\.invalid/);
  });

  it('keep what a program wants to see later, and deliver it then', async () => {
    const mails = collecting({ kind: 'exited', status: 75 });
    await send(MAIL, { from: 'a@sender.example', to: ['waits@one.example'], content: message('later') });
    await until(async () => expect(mails).toHaveLength(1));
    await until(async () => expect(await queueLength()).toBe(1));
    const later = collecting();
    await world.exim('-qff');
    await until(async () => expect(later.map(({ text }) => subjectOf(text))).toEqual(['later']));
    await until(async () => expect(await queueLength()).toBe(0));
  });

  it('lose nothing when the gate is killed again and again', async () => {
    const mails = collecting();
    const total = 120;
    let sent = 0;
    const sender = async () => {
      const smtp = await Smtp.connect(MAIL, 25);
      await smtp.say('EHLO sender.example');
      while (sent < total) {
        sent += 1;
        const subject = `mail ${sent}`;
        await smtp.say('MAIL FROM:<sender@one.example>');
        await smtp.say('RCPT TO:<busy@one.example>');
        expect(await smtp.data(message(subject))).toMatch(/^250/);
      }
      smtp.close();
    };
    const sending = Promise.all([sender(), sender(), sender()]);
    for (const count of [20, 50, 80]) {
      await expect.poll(() => sent, { interval: 2, timeout: 60_000 }).toBeGreaterThan(count);
      await gate.kill();
      await startGate();
    }
    await sending;
    await until(async () => {
      await world.exim('-qff');
      expect(await queueLength()).toBe(0);
    }, 60);
    const subjects = mails.map(({ text }) => subjectOf(text));
    expect(new Set(subjects).size).toBe(total);
    console.info(`${subjects.length - total} of ${total} mails came twice`);
    expect(await readMailbox('sender@one.example')).toHaveLength(1);
  });
});

describe('mail of a site through the gate and Exim', () => {
  const submission = () => WireClient.connect(join(folder.path, 'site', 'submission.sock'));

  it('arrives in a mailbox; what Exim refuses is refused at once', async () => {
    const client = await submission();
    await client.say('EHLO site');
    await client.say('MAIL FROM:<>');
    expect(await client.say('RCPT TO:<nobody@one.example>')).toMatch(/^550 5\.1\.1 /);
    expect(await client.say('RCPT TO:<info@one.example>')).toMatch(/^250 /);
    expect(await client.say('DATA')).toMatch(/^354 /);
    expect(await client.say('To: info@one.example\r\nSubject: from a site\r\n\r\n.. \xe9\nbare\r\n.')).toMatch(/^250 /);
    client.close();
    const [mail] = await until(async () => {
      const found = await readMailbox('info@one.example');
      expect(found).toHaveLength(1);
      return found;
    });
    const text = mail?.toString() ?? '';
    expect(text).toMatch(/^Return-Path: <site@one\.example>\r\n/i);
    expect(text).toContain('\r\nFrom: site@one.example\r\n');
    expect(text).toContain('\r\n\r\n. \xe9\r\nbare\r\n');
    expect(text).not.toContain(MAIL);
  });
});
