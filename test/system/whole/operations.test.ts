import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createForwarder } from '#contract/api/forwarder.ts';
import { changeMailbox, createMailbox, setPassword } from '#contract/api/mailbox.ts';
import { listNodes } from '#contract/api/node.ts';
import { putPlan } from '#contract/api/plan.ts';
import { listQueue, retryQueue } from '#contract/api/queue.ts';
import {
  changeSite,
  deleteSite,
  getSite,
  restoreSite,
  resumeSite,
  sleepSite,
  suspendSite,
} from '#contract/api/site.ts';
import { execInSite } from '#contract/api/stream.ts';
import { run } from '#host/run.ts';
import { PLANS } from '#model/plan/plan.ts';
import { runInside } from '#platform/demo/inside.ts';
import { awaitLetter, type Login, send } from '#platform/demo/mail.ts';
import { visit } from '#platform/demo/web.ts';
import { eventually } from '../platform/stage.ts';
import { openEntry } from './entry.ts';
import { factsOf, putPage, visitSite, writeInside } from './page.ts';
import { makeTestSite, openWhole, supervisedPid, type Whole } from './stage.ts';

const HERE = 'here.example';
const THERE = 'there.example';
const params = { site: HERE };
const wait = { wait: true };

let whole: Whole;
let box: Login;
let neighbour: Login;
beforeAll(async () => {
  whole = await openWhole();
  for (const site of [HERE, THERE]) {
    await makeTestSite(whole.client, site);
    await putPage(whole.client, site);
  }
  box = await mailbox(`box@${HERE}`);
  neighbour = await mailbox(`box@${THERE}`);
  await whole.client.call(createForwarder, { query: wait, body: { address: `pipe@${HERE}`, pipe: 'tee -a piped' } });
});
afterAll(async () => await whole?.close());

async function mailbox(address: string, quotaBytes?: number): Promise<Login> {
  const body = { address, ...(quotaBytes !== undefined && { quotaBytes }) };
  const { password } = await whole.client.call(createMailbox, { query: wait, body });
  if (password === undefined) throw new Error('no password was made');
  return { user: address, pass: password };
}

/** A subject that nothing else has. */
const fresh = (word: string) => `${word} ${randomBytes(6).toString('hex')}`;

/** Sends as another mail server does, or as the owner of a mailbox. */
async function sendTo(to: string, subject: string, { from = 'friend@visitor.example', text = 'x', login }: Sent = {}) {
  const endpoint = login === undefined ? whole.endpoints.smtp : whole.endpoints.submission;
  return await send(endpoint, { from, to, subject, text }, login);
}
interface Sent {
  readonly from?: string;
  readonly text?: string;
  readonly login?: Login;
}

async function arrives(login: Login, subject: string): Promise<string> {
  return await awaitLetter(whole.endpoints.imap, login, subject);
}

async function shell(script: string, site = HERE) {
  const { outcome, stdout, stderr } = await runInside(whole.client, site, ['sh', '-c', script]);
  return { outcome, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

async function piped(subject: string): Promise<void> {
  await eventually(`${subject} in the pipe`, async () => {
    const { stdout } = await shell('cat piped 2>/dev/null');
    return stdout.includes(subject) ? true : undefined;
  });
}

describe('mail for a site', () => {
  test('wakes it', async () => {
    await whole.client.call(sleepSite, { params });
    const subject = fresh('awake');
    await sendTo(`pipe@${HERE}`, subject);
    await eventually('it to run', async () =>
      (await whole.client.call(getSite, { params })).state === 'running' ? true : undefined,
    );
    await piped(subject);
  });

  test('waits while it is suspended, and is delivered as soon as it is resumed', async () => {
    const pipe = `sh -c 'test -e open || exit 75; tee -a piped'`;
    await whole.client.call(createForwarder, { query: wait, body: { address: `later@${HERE}`, pipe } });
    const subject = fresh('waiting');
    await sendTo(`later@${HERE}`, subject);
    await eventually('the queue to hold it', async () => ((await queued(`later@${HERE}`)) ? true : undefined));
    await shell('touch open');
    await whole.client.call(suspendSite, { params, query: wait });
    await expect(sendTo(`pipe@${HERE}`, 'refused')).rejects.toMatchObject({ responseCode: 451 });
    expect(await queued(`later@${HERE}`)).toBe(true);
    await whole.client.call(resumeSite, { params, query: wait });
    const again = fresh('resumed');
    await sendTo(`pipe@${HERE}`, again);
    // Far sooner than the mail server would have tried again.
    await piped(again);
    await piped(subject);
  });

  async function queued(address: string): Promise<boolean> {
    const { items, silent } = await whole.client.call(listQueue, { query: {} });
    expect(silent).toEqual([]);
    return items.some(({ recipients }) => recipients.includes(address));
  }
});

describe('a mailbox', () => {
  test('has the password that was set last, however soon after another', async () => {
    const subject = fresh('password');
    await sendTo(box.user, subject);
    for (let time = 0; time < 3; time += 1) {
      const former = box;
      const changed = await whole.client.call(setPassword, { params: { mailbox: box.user }, query: wait, body: {} });
      box = { user: box.user, pass: changed.password ?? '' };
      expect(await arrives(box, subject)).toContain(subject);
      if (time === 2) await expect(awaitLetter(whole.endpoints.imap, former, subject)).rejects.toThrow();
    }
  });

  test('that is full refuses before the message is sent, and takes mail again when it may hold more', async () => {
    const small = await mailbox(`small@${HERE}`, 1_000_000);
    const subject = fresh('large');
    await sendTo(small.user, subject, { text: `${'x'.repeat(70)}\n`.repeat(12_000) });
    await arrives(small, subject);
    const text = `${'x'.repeat(70)}\n`.repeat(5000);
    await expect(sendTo(small.user, 'more', { text })).rejects.toThrow(/[45]52/);
    const body = { quotaBytes: 10_000_000 };
    await whole.client.call(changeMailbox, { params: { mailbox: small.user }, query: wait, body });
    const more = fresh('more');
    await eventually('room', async () => await sendTo(small.user, more, { text }).catch(() => undefined));
    await arrives(small, more);
  });

  test('may take what no other address takes', async () => {
    const all = await mailbox(`*@${HERE}`);
    const [stray, own] = [fresh('stray'), fresh('own')];
    await sendTo(`nobody-${randomBytes(3).toString('hex')}@${HERE}`, stray);
    await sendTo(box.user, own);
    expect(await arrives(all, stray)).toContain(stray);
    expect(await arrives(box, own)).toContain(own);
  });

  test('sends with its own sender only', async () => {
    const subject = fresh('own');
    await sendTo(neighbour.user, subject, { from: box.user, login: box });
    expect(await arrives(neighbour, subject)).toMatch(new RegExp(`^From: .*${box.user}`, 'm'));
    await expect(sendTo(neighbour.user, 'x', { from: neighbour.user, login: box })).rejects.toThrow(/55\d/);
    await expect(sendTo('a@elsewhere.example', 'x', {})).rejects.toThrow(/55\d/);
  });
});

test('a forwarder sends on to a mailbox elsewhere', async () => {
  const body = { address: `onward@${HERE}`, to: [neighbour.user] };
  await whole.client.call(createForwarder, { query: wait, body });
  const subject = fresh('onward');
  await sendTo(`onward@${HERE}`, subject);
  expect(await arrives(neighbour, subject)).toContain(`To: onward@${HERE}`);
});

describe('a program in a site', () => {
  test('sends by sendmail and by mail() as its site', async () => {
    const [one, two] = [fresh('sendmail'), fresh('mail')];
    await shell(`printf 'To: ${neighbour.user}\\nSubject: ${one}\\n\\nx\\n' | sendmail -t`);
    await shell(`php -r 'exit(mail("${neighbour.user}", "${two}", "x") ? 0 : 1);'`);
    for (const subject of [one, two]) expect(await arrives(neighbour, subject)).toMatch(/^From: .*@here\.example/m);
  });

  test('does not send as a neighbour', async () => {
    const letter = `From: ${neighbour.user}\\nTo: ${neighbour.user}\\nSubject: x\\n\\nx\\n`;
    for (const sender of [box.user, neighbour.user]) {
      const { outcome, stderr } = await shell(`printf '${letter}' | sendmail -t -f ${sender}`);
      expect(outcome).not.toEqual({ kind: 'exited', status: 0 });
      expect(stderr).toMatch(/may not send/);
    }
  });

  test('sends as many as its plan allows in an hour', async () => {
    const limits = { ...PLANS[0].limits, mailPerHour: 3 };
    await whole.client.call(putPlan, { params: { plan: 'quiet' }, body: { limits } });
    await whole.client.call(changeSite, { params: { site: THERE }, query: wait, body: { plan: 'quiet' } });
    const one = `printf 'To: ${neighbour.user}\\nSubject: limited\\n\\nx\\n' | sendmail -t || exit 1`;
    const { outcome, stderr } = await shell(`for n in 1 2 3 4; do ${one}; done`, THERE);
    expect(outcome).toEqual({ kind: 'exited', status: 1 });
    expect(stderr).toMatch(/3 messages an hour/);
  });
});

describe('an entry', () => {
  test('ends as its program ends', async () => {
    for (const status of [0, 1, 75]) {
      expect((await shell(`exit ${status}`)).outcome).toEqual({ kind: 'exited', status });
    }
    expect((await shell('kill -TERM $$')).outcome).toEqual({ kind: 'signalled', signal: 15 });
    expect((await runInside(whole.client, HERE, ['no-such-program'])).outcome).toEqual({ kind: 'no-program' });
  });

  test('passes bytes through as they are, both ways', async () => {
    const bytes = randomBytes(20 * 1024 * 1024);
    const { outcome, stdout, stderr } = await runInside(whole.client, HERE, ['cat'], bytes);
    expect([outcome, stderr.length]).toEqual([{ kind: 'exited', status: 0 }, 0]);
    expect(stdout.equals(bytes)).toBe(true);
  });

  test('has a terminal whose size follows', async () => {
    const until = (size: string) => `until [ "$(stty size)" = "${size}" ]; do sleep 0.05; done; echo now ${size}`;
    const argv = ['sh', '-c', `${until('30 100')}; read line; ${until('50 132')}; tty`];
    const entry = await openEntry(whole.client, HERE, argv, { columns: 100, rows: 30 });
    await entry.says(/now 30 100/);
    entry.running.resize(132, 50);
    entry.type('\n');
    await entry.says(/now 50 132/);
    expect(await entry.running.outcome).toEqual({ kind: 'exited', status: 0 });
    await entry.says(/\/dev\/pts\/\d/);
  });

  test('is one of several at once, up to the limit of the plan', async () => {
    const limit = PLANS[0].limits.entries;
    const open = await Promise.all(
      Array.from({ length: limit }, async () => await openEntry(whole.client, HERE, ['sh', '-c', 'echo in; cat'])),
    );
    await Promise.all(open.map(async (entry) => await entry.says(/in/)));
    const { outcome } = await shell('true');
    expect(outcome).toMatchObject({ kind: 'not-started', reason: 'too-many-entries' });
    for (const entry of open) entry.end();
    const ends = await Promise.all(open.map(async (entry) => await entry.running.outcome));
    expect(ends.every((end) => end.kind === 'exited' && end.status === 0)).toBe(true);
    expect((await shell('true')).outcome).toEqual({ kind: 'exited', status: 0 });
  });

  test('that its caller cancels leaves nothing behind', async () => {
    const mark = `31${Math.floor(Math.random() * 1e6)}`;
    const entry = await openEntry(whole.client, HERE, ['sh', '-c', `setsid sleep ${mark} & echo in; wait`]);
    await entry.says(/in/);
    entry.running.cancel();
    expect((await entry.running.outcome).kind).toBe('signalled');
    expect((await run(['pgrep', '--full', '--', `sleep ${mark}`], { accept: [0, 1] })).stdout).toBe('');
  });

  test('ends with its caller also while it takes no input, however much there is', async () => {
    const entry = await openEntry(whole.client, HERE, ['sh', '-c', 'echo in; sleep 600']);
    entry.type('x'.repeat(20 * 1024 * 1024));
    await entry.says(/in/);
    const from = performance.now();
    entry.running.cancel();
    expect((await entry.running.outcome).kind).toBe('signalled');
    console.log(`ended ${Math.round(performance.now() - from)} ms after the cancel`);
  });
});

test('a deleted site is gone, and comes back whole', async () => {
  await writeInside(whole.client, HERE, 'precious', 'kept\n');
  const before = await whole.client.call(getSite, { params });
  await whole.client.call(deleteSite, { params, query: wait });
  expect((await visit(whole.endpoints.https, HERE)).status).toBe(421);
  await expect(whole.client.call(execInSite, { params, body: { argv: ['true'] } })).rejects.toThrow();
  const back = await whole.client.call(restoreSite, { params: { site: before.id }, query: wait });
  expect(back.hosts).toEqual(before.hosts);
  expect(factsOf(await visitSite(whole, HERE)).method).toBe('GET');
  expect((await shell('cat precious')).stdout).toBe('kept\n');
  const subject = fresh('back');
  await sendTo(`pipe@${HERE}`, subject);
  await piped(subject);
  await sendTo(box.user, subject);
  await arrives(box, subject);
});

describe('without', () => {
  /** Has a part of the platform stopped or started, and waits until it is. */
  const order = async (what: 'down' | 'up', name: string) => {
    const option = what === 'down' ? 'd' : 'u';
    const argv: [string, ...string[]] = [
      's6-svc',
      `-w${option}`,
      '-T',
      '20000',
      `-${option}`,
      `${whole.folders.supervise}/${name}`,
    ];
    await run(argv);
  };
  const connected = async () =>
    await eventually(
      'the node to be linked',
      async () => {
        const { items } = await whole.client.call(listNodes, { query: {} }).catch(() => ({ items: [] }));
        return items.length > 0 && items.every((node) => node.linked) ? true : undefined;
      },
      60,
    );

  async function goesOn(): Promise<void> {
    const subject = fresh('alone');
    await sendTo(`pipe@${HERE}`, subject);
    await sendTo(box.user, subject);
    await arrives(box, subject);
    expect(factsOf(await visitSite(whole, HERE)).method).toBe('GET');
    expect(factsOf(await visitSite(whole, THERE)).method).toBe('GET');
    carried.push(subject);
  }
  const carried: string[] = [];

  test('control plane and database: sites, waking, mail and pipes go on, also with a new agent', async () => {
    await whole.client.call(sleepSite, { params });
    await order('down', 'control');
    await order('down', 'postgres');
    try {
      await goesOn();
      const before = await supervisedPid(whole.folders, 'agent');
      process.kill(before, 'SIGKILL');
      await eventually('another agent', async () =>
        [0, -1, before].includes(await supervisedPid(whole.folders, 'agent')) ? undefined : true,
      );
      await eventually(
        'mail into the pipe',
        async () =>
          await goesOn().then(
            () => true,
            () => undefined,
          ),
        60,
      );
    } finally {
      await order('up', 'postgres');
      await order('up', 'control');
    }
    await connected();
    for (const subject of carried.splice(0)) await piped(subject);
  });

  test('the agent: what runs goes on, and a new one finds it', async () => {
    const { container } = factsOf(await visitSite(whole, HERE));
    const { instance } = await whole.client.call(getSite, { params });
    const waiting = fresh('patience');
    await order('down', 'agent');
    try {
      expect(factsOf(await visitSite(whole, HERE)).container).toBe(container);
      const subject = fresh('orphan');
      await sendTo(box.user, subject);
      await arrives(box, subject);
      // The program cannot be entered now: it waits.
      await sendTo(`pipe@${HERE}`, waiting);
    } finally {
      await order('up', 'agent');
    }
    await connected();
    expect(factsOf(await visitSite(whole, HERE)).container).toBe(container);
    expect(await whole.client.call(getSite, { params })).toMatchObject({ instance, state: 'running' });
    await whole.client.call(retryQueue, { query: {}, body: {} });
    await piped(waiting);
  });
});
