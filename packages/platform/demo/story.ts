import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAccount, getAccount } from '#contract/api/account.ts';
import { createForwarder } from '#contract/api/forwarder.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { type ProbeReport, type ProbeRow, runProbes } from '#contract/api/probe.ts';
import { createSite, getSite, listSites, sleepSite } from '#contract/api/site.ts';
import { HofjeError } from '#model/error.ts';
import type { Client } from '../api/client.ts';
import { type Progress, step } from '../progress/progress.ts';
import type { Endpoints } from '../up/endpoints.ts';
import { type Check, check } from './check.ts';
import { runInside, uploadFolder } from './inside.ts';
import { awaitLetter, type Login, send } from './mail.ts';
import { openPanel } from './panel.ts';
import { visit } from './web.ts';

const WEBSITE = fileURLToPath(new URL('website', import.meta.url));

/** The two customers of the story; `.example` is reserved for such (RFC 2606). */
const CUSTOMERS = [
  { account: 'bakery', domain: 'bakery.example' },
  { account: 'bicycles', domain: 'bicycles.example' },
] as const;
type Customer = (typeof CUSTOMERS)[number];

export interface Stage {
  readonly client: Client;
  readonly endpoints: Endpoints;
  /** PEM of the authority of the sites' certificates. */
  readonly siteAuthority: string;
  /** PEM of the authority of the platform's own certificates; the system's own where absent. */
  readonly authority: string | undefined;
  readonly progress: Progress;
}

/** Plays the story on a running platform and gives back what was verified. */
export async function playStory(stage: Stage): Promise<Check[]> {
  const { progress } = stage;
  const checks: Check[] = [];
  const act = async (name: string, title: string, play: () => Promise<Check[]>) => {
    const played = await step(progress, { step: name, title }, async (_detail, conclude) => {
      const found = await play();
      conclude(`${found.filter(({ held }) => held).length} of ${found.length} verified`);
      return found;
    });
    checks.push(...played);
  };
  const logins = new Map<string, Login>();
  await act('customers', 'Two customers move in', async () => await moveIn(stage, logins));
  await act('visitors', 'Visitors are served', async () => await serveVisitors(stage));
  await act('mail', 'Mail arrives', async () => await receiveMail(stage, logins));
  await act('pipe', 'Mail is piped into a program inside the house', async () => await pipeMail(stage));
  await act('panel', 'A customer comes into the panel', async () => await openPanel(stage));
  await act('neighbour', 'A hostile customer looks around', async () => await lookAround(stage));
  return checks;
}

async function moveIn({ client }: Stage, logins: Map<string, Login>): Promise<Check[]> {
  const checks: Check[] = [];
  for (const customer of CUSTOMERS) {
    checks.push(
      await check(`${customer.domain} has a house`, async () => {
        const site = await ensureSite(client, customer);
        const outcome = await uploadFolder(client, customer.domain, WEBSITE);
        const held = outcome.kind === 'exited' && outcome.status === 0;
        return { held, fact: held ? `instance ${site.instance}` : `upload: ${JSON.stringify(outcome)}` };
      }),
      await check(`${customer.domain} has a mailbox`, async () => {
        const address = `baker-${randomBytes(4).toString('hex')}@${customer.domain}`;
        const made = await client.call(createMailbox, { query: { wait: true }, body: { address } });
        if (made.password === undefined) return { held: false, fact: 'no password was generated' };
        logins.set(customer.domain, { user: address, pass: made.password });
        return { held: true, fact: address };
      }),
    );
  }
  return checks;
}

async function ensureSite(client: Client, { account, domain }: Customer) {
  const known = await orUndefined('site.not-found', client.call(getSite, { params: { site: domain } }));
  if (known !== undefined && known.deletedAt === null) return known;
  const owner = await orUndefined('account.not-found', client.call(getAccount, { params: { account } }));
  if (owner === undefined) await client.call(createAccount, { body: { name: account, email: `owner@${domain}` } });
  const body = { domain, account, plan: 'small', overrideReason: 'the demo: reserved names have no owner to prove' };
  return await client.call(createSite, { query: { wait: true }, body });
}

/** The answer, or undefined where the API says `code`: every other problem is thrown on. */
async function orUndefined<T>(code: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HofjeError && error.code === code) return undefined;
    throw error;
  }
}

interface PageFacts {
  readonly site: string;
  readonly visitor: string;
  readonly https: boolean;
  readonly method: string;
  readonly bytes: number;
  readonly sha256: string;
}

const BODY_BYTES = 20 * 1024 * 1024;

async function serveVisitors({ client, endpoints, siteAuthority }: Stage): Promise<Check[]> {
  const checks: Check[] = [];
  const ca = siteAuthority;
  for (const { domain } of CUSTOMERS) {
    checks.push(
      await check(`https://${domain}/ answers from its own house`, async () => {
        const { status, body, milliseconds } = await visit(endpoints.https, domain, '/', { ca });
        const page = JSON.parse(body.toString('utf8')) as PageFacts;
        const held = status === 200 && page.https && page.site === domain && page.visitor !== '';
        return {
          held,
          fact: `${status} in ${milliseconds.toFixed(0)} ms, visitor ${page.visitor}, https ${page.https}`,
        };
      }),
    );
  }
  const [{ domain }] = CUSTOMERS;
  checks.push(
    await check('http leads to https', async () => {
      const { status, headers } = await visit(endpoints.http, domain);
      const location = headers.location ?? '';
      return {
        held: status >= 301 && status <= 308 && location.startsWith(`https://${domain}/`),
        fact: `${status} ${location}`,
      };
    }),
    await check('a name that lives nowhere learns nothing', async () => {
      const { status } = await visit(endpoints.https, 'stranger.example');
      return { held: status === 421, fact: `${status}` };
    }),
    await check('a sleeping house wakes and gets 20 MB whole', async () => {
      await client.call(sleepSite, { params: { site: domain } });
      const before = await client.call(getSite, { params: { site: domain } });
      const sent = randomBytes(BODY_BYTES);
      const { status, body, milliseconds } = await visit(endpoints.https, domain, '/', {
        ca,
        method: 'POST',
        body: sent,
      });
      const page = JSON.parse(body.toString('utf8')) as PageFacts;
      const whole = page.sha256 === createHash('sha256').update(sent).digest('hex');
      const held = status === 200 && whole && before.state === 'asleep';
      return {
        held,
        fact: `it was ${before.state}; ${page.bytes} bytes in ${milliseconds.toFixed(0)} ms, digest ${whole ? 'equal' : 'differs'}`,
      };
    }),
  );
  return checks;
}

async function receiveMail({ endpoints }: Stage, logins: ReadonlyMap<string, Login>): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [domain, login] of logins) {
    checks.push(
      await check(`a letter reaches ${domain}`, async () => {
        const subject = `Bread ${randomBytes(4).toString('hex')}`;
        await send(endpoints.smtp, {
          from: 'friend@visitor.example',
          to: login.user,
          subject,
          text: 'Two loaves, please.',
        });
        const source = await awaitLetter(endpoints.imap, login, subject);
        return { held: source.includes('Two loaves, please.'), fact: `"${subject}", ${source.length} bytes over IMAP` };
      }),
    );
  }
  const [first, second] = [...logins.values()];
  if (first === undefined || second === undefined) return checks;
  checks.push(
    await check('neighbours write to each other', async () => {
      const subject = `Hello ${randomBytes(4).toString('hex')}`;
      await send(endpoints.submission, { from: first.user, to: second.user, subject, text: 'Good morning!' }, first);
      const source = await awaitLetter(endpoints.imap, second, subject);
      return { held: source.includes('Good morning!'), fact: `"${subject}" from ${first.user}` };
    }),
    await check('nobody sends through this server to others', async () => {
      const letter = { from: 'spam@visitor.example', to: 'victim@elsewhere.example', subject: 'x', text: 'x' };
      const refused = await send(endpoints.smtp, letter).then(
        () => undefined,
        (error: Error) => error.message,
      );
      return { held: refused !== undefined && /\b55\d\b/.test(refused), fact: refused ?? 'it was accepted' };
    }),
  );
  return checks;
}

const PIPE_PATIENCE_MS = 20_000;
/** Says where it runs, all at once, and keeps the message; nothing of it is seen by the mail server. */
const PIPE = `sh -c 'cat > "$LOCAL_PART.eml"; { hostname; id -u; cat /proc/self/cgroup; } > "$LOCAL_PART.new"; mv "$LOCAL_PART.new" "$LOCAL_PART.txt"'`;

async function pipeMail({ client, endpoints }: Stage): Promise<Check[]> {
  const [{ domain }] = CUSTOMERS;
  const localPart = `orders-${randomBytes(4).toString('hex')}`;
  const hostile = `touch-${randomBytes(4).toString('hex')}`;
  const body = 'Dear baker,\n.\n..two dots\n\u00e9\u00e8 \ud83c\udf5e\n';
  return [
    await check('a letter is fed to a program in the house', async () => {
      await client.call(createForwarder, {
        query: { wait: true },
        body: { address: `${localPart}@${domain}`, pipe: PIPE },
      });
      await client.call(sleepSite, { params: { site: domain } });
      await send(endpoints.smtp, {
        from: 'friend@visitor.example',
        to: `${localPart}@${domain}`,
        subject: 'Order',
        text: body,
      });
      const facts = await awaitFile(client, domain, `${localPart}.txt`);
      const [host, uid, ...groups] = facts.trim().split('\n');
      const placed = groups.length > 0 && groups.every((line) => line.includes('/entry/') || line.startsWith('0::'));
      return { held: host === domain && uid === '1000' && placed, fact: `on ${host} as user ${uid}, ${groups[0]}` };
    }),
    await check('text that a mail server might expand stays text', async () => {
      const address = `${hostile}@${domain}`;
      const text = `\${run{/bin/touch /tmp/${hostile}}}$HOME`;
      const pipe = `sh -c 'printf %s "$1" > "$2"' sh '${text}' ${hostile}.txt`;
      await client.call(createForwarder, { query: { wait: true }, body: { address, pipe } });
      await send(endpoints.smtp, { from: 'friend@visitor.example', to: address, subject: 'Order', text: body });
      const arrived = await awaitFile(client, domain, `${hostile}.txt`);
      const held = arrived === text && !existsSync(`/tmp/${hostile}`);
      return { held, fact: `the program got ${arrived}` };
    }),
  ];
}

/** Waits until a file in the site's home has content. */
async function awaitFile(client: Client, site: string, name: string): Promise<string> {
  for (const deadline = Date.now() + PIPE_PATIENCE_MS; Date.now() < deadline; await pause(200)) {
    const { outcome, stdout } = await runInside(client, site, ['cat', '--', name]);
    if (outcome.kind === 'exited' && outcome.status === 0 && stdout.length > 0) return stdout.toString('utf8');
  }
  throw new Error(`the program did not write ${name} within ${PIPE_PATIENCE_MS / 1000} s`);
}

/** Share of the probes that must find what they look for where isolation is missing. */
const SHARPNESS_MIN = 0.9;
const PROBES_PATIENCE_MS = 300_000;

async function lookAround({ client }: Stage): Promise<Check[]> {
  const { nodes } = await client.call(runProbes, { body: {} }, { patienceMs: PROBES_PATIENCE_MS });
  const { items } = await client.call(listSites, { query: { limit: 500 } });
  const names = new Map(items.map(({ id, name }) => [id, name]));
  return nodes.flatMap(({ node, trouble, report }): Check[] =>
    report === undefined
      ? [{ promise: `probes on ${node}`, held: false, fact: trouble ?? 'no report' }]
      : [...report.rows.map((row) => rowCheck(row, names.get(row.site) ?? 'a decoy')), sharpnessCheck(report)],
  );
}

function rowCheck(row: ProbeRow, from: string): Check {
  const count = (verdict: string) => row.results.filter((result) => result.verdict === verdict).length;
  const open = row.results.filter(({ verdict }) => verdict === 'open').map(({ probe }) => probe);
  const counts = `${count('closed')} closed, ${count('declared')} declared, ${count('not-tested')} not tested`;
  return {
    promise: `from ${from} through ${row.door}: no neighbour is seen`,
    held: row.failure === undefined && open.length === 0 && count('closed') > 0,
    fact: row.failure ?? (open.length === 0 ? counts : `${counts}, OPEN: ${open.join(', ')}`),
  };
}

function sharpnessCheck({ careless: { found, looked, missed } }: ProbeReport): Check {
  return {
    promise: 'the same probes find it in a careless container',
    held: looked > 0 && found / looked >= SHARPNESS_MIN,
    fact: `${found} of ${looked} found${missed.length > 0 ? `, missed ${missed.join(', ')}` : ''}`,
  };
}
