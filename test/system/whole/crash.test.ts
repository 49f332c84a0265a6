import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createForwarder } from '#contract/api/forwarder.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { siteUidRange } from '#model/node/address.ts';
import { runInside } from '#platform/demo/inside.ts';
import { visit } from '#platform/demo/web.ts';
import { eventually } from '../platform/stage.ts';
import { containedPids, makeTestSite, openWhole, supervisedPid, upAgain, type Whole } from './stage.ts';

const ALL = process.env['HOFJE_TEST_ALL'] === '1';
/** Rounds over all victims. */
const ROUNDS = ALL ? 8 : 1;
const MAILS_A_KILL = 4;
const DOMAIN = 'crash.example';
/** Keeps every message that it gets, each under a name of its own; slow enough to be met in the middle now and then. */
const KEEPER = `sh -c 'f=$(mktemp got/XXXXXXXXXX); cat > "$f"; sleep 0.05; mv "$f" "$f.whole"'`;

let whole: Whole;
let password: string;
beforeAll(async () => {
  whole = await openWhole();
  await makeTestSite(whole.client, DOMAIN);
  const wait = { query: { wait: true } };
  const mailbox = await whole.client.call(createMailbox, { ...wait, body: { address: `box@${DOMAIN}` } });
  password = mailbox.password ?? '';
  await whole.client.call(createForwarder, { ...wait, body: { address: `pipe@${DOMAIN}`, pipe: KEEPER } });
  await runInside(whole.client, DOMAIN, ['mkdir', 'got']);
});
afterAll(async () => await whole?.close());

const supervised = (name: string) => async () => [await supervisedPid(whole.folders, name)];
const contained = (name: string) => async () => await containedPids(whole.slot, name);

/** Whether a process runs as a site's user; the mail service has an init of the same name. */
function isOfASite(pid: number): boolean {
  const uid = Number(/^Uid:\s+(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1]);
  const { from, to } = siteUidRange(whole.slot);
  return uid >= from && uid < to;
}

/** Who is killed, and how they are found. The site is awake when it begins, for its mail is. */
const VICTIMS: Readonly<Record<string, () => Promise<number[]>>> = {
  php: contained('php-fpm8.2'),
  agent: supervised('agent'),
  gate: supervised('gate'),
  control: supervised('control'),
  postgres: supervised('postgres'),
  exim: contained('exim4'),
  dovecot: contained('dovecot'),
  'the pipe': contained('sleep'),
  "the site's init": async () => (await contained('s6-svscan')()).filter(isOfASite),
};

/** Sends like a mail server: until it is taken. */
async function sendUntilTaken(to: string, subject: string): Promise<void> {
  const { hostname, port } = new URL(whole.endpoints.smtp);
  await eventually(
    `${subject} to be taken`,
    async () => {
      const transport = createTransport({ host: hostname, port: Number(port), tls: { rejectUnauthorized: false } });
      try {
        await transport.sendMail({ from: `box@${DOMAIN}`, to, subject, text: `${subject}\n` });
        return true;
      } catch (error) {
        // A refusal for good is what must not happen; everything else is tried again.
        if (error instanceof Error && /^5\d\d/.test((error as { response?: string }).response ?? '')) throw error;
        return undefined;
      } finally {
        transport.close();
      }
    },
    90,
  );
}

/** Subjects in the mailbox, each as often as it is there. */
async function subjectsInMailbox(): Promise<string[]> {
  const { hostname, port } = new URL(whole.endpoints.imap);
  const tls = { rejectUnauthorized: false };
  const auth = { user: `box@${DOMAIN}`, pass: password };
  const client = new ImapFlow({ host: hostname, port: Number(port), secure: true, tls, auth, logger: false });
  await client.connect();
  try {
    await client.mailboxOpen('INBOX', { readOnly: true });
    const found: string[] = [];
    for await (const message of client.fetch('1:*', { envelope: true })) found.push(message.envelope?.subject ?? '');
    return found;
  } finally {
    await client.logout();
  }
}

async function subjectsInPipe(): Promise<string[]> {
  const { stdout } = await runInside(whole.client, DOMAIN, ['sh', '-c', 'cat got/*.whole | grep -h "^Subject: "']);
  return stdout
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice('Subject: '.length));
}

test('whoever is killed while mails flow, each mail arrives at least once, and none comes back', async () => {
  const sent: string[] = [];
  const sending: Promise<void>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, find] of Object.entries(VICTIMS)) {
      for (let each = 0; each < MAILS_A_KILL; each += 1) {
        const subject = `${name.replaceAll(/\W/g, '-')} ${round} ${each}`;
        sent.push(subject);
        for (const to of ['box', 'pipe']) sending.push(sendUntilTaken(`${to}@${DOMAIN}`, subject));
        if (each === MAILS_A_KILL / 2) {
          // A random moment of what is under way.
          await pause(Math.random() * 200);
          const pids = (await find()).filter((pid) => pid > 1);
          // A pipe's program may just not be there; everybody else is, or the test tests nothing.
          if (name !== 'the pipe') expect(pids, name).not.toEqual([]);
          pids.forEach(kill);
        }
      }
      await pause(300);
    }
  }
  await Promise.all(sending);
  for (const [where, list] of [
    ['mailbox', subjectsInMailbox],
    ['pipe', subjectsInPipe],
  ] as const) {
    const arrived = await eventually(
      `all mail in the ${where}`,
      async () => {
        const subjects = await list().catch(() => []);
        const there = new Set(subjects);
        return sent.every((subject) => there.has(subject)) ? subjects : undefined;
      },
      240,
    );
    const own = arrived.filter((subject) => sent.includes(subject));
    const foreign = arrived.filter((subject) => !sent.includes(subject));
    expect(foreign, `bounces in the ${where}`).toEqual([]);
    process.stderr.write(`${where}: ${sent.length} sent, ${own.length} arrived, ${own.length - sent.length} twice\n`);
  }
}, 1_200_000);

test('everything killed at once comes back with the next up, as after a power cut', async () => {
  const before = await visit(whole.endpoints.https, DOMAIN, '/', { ca: whole.siteAuthority });
  await sendUntilTaken(`pipe@${DOMAIN}`, 'before the cut');
  for (const pid of ownProcesses()) kill(pid);
  await upAgain(whole.folders);
  const after = await eventually('the site to answer', async () => {
    const answer = await visit(whole.endpoints.https, DOMAIN, '/', { ca: whole.siteAuthority }).catch(() => undefined);
    return answer?.status === 200 ? answer : undefined;
  });
  expect(after.body.toString('utf8')).toBe(before.body.toString('utf8'));
  await sendUntilTaken(`box@${DOMAIN}`, 'after the cut');
  await eventually(
    'the mail',
    async () => ((await subjectsInMailbox()).includes('after the cut') ? true : undefined),
    60,
  );
  await eventually(
    'the pipe',
    async () => ((await subjectsInPipe()).includes('before the cut') ? true : undefined),
    120,
  );
}, 600_000);

/** Everything that belongs to this platform: in its control groups, or below its supervisor. */
function ownProcesses(): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => {
    const said = ['cgroup', 'cmdline', 'environ'].map((file) => readOrNothing(`/proc/${pid}/${file}`)).join('\n');
    return pid !== process.pid && (said.includes(`/hofje-${whole.slot}/`) || said.includes(whole.folders.root));
  });
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
