import { createForwarder } from '#contract/api/forwarder.ts';
import { visit } from '#platform/demo/web.ts';
import { type Benchmark, difference, type Finding, ratio, type Series, type Workshop } from '../benchmark.ts';
import { type Accepted, sendMany } from '../load/smtp.ts';
import { type Contender, measureInTurns } from '../measure/rounds.ts';

const RATE = { text: '>= 0.8', holds: (median: number) => median >= 0.8 };
const ADDED = { text: '< 25 ms', holds: (median: number) => median < 25 };

const PARALLEL = 10;
const DELIVERY_MS = 120_000;

export const pipe: Benchmark = { name: 'pipe', title: 'Mail into a pipe (`cat >/dev/null`)', run };

async function run(workshop: Workshop, report: (text: string) => void): Promise<Finding> {
  const { quick, patienceMs, signal } = workshop;
  report('making a pipe on both sides');
  const ways = [await intoTheSite(workshop), await plainPipe(workshop)];
  const count = quick ? 30 : 200;
  const rates = ways.map((way): Contender => ({ name: way.name, measure: async () => await rateOf(way, count) }));
  const singles = ways.map((way): Contender => ({ name: way.name, measure: async () => await timeOf(way) }));
  const fast = await measureInTurns(rates, {
    warmUp: 1,
    rounds: quick ? 3 : 9,
    report,
    patienceMs,
    settleMs: 200,
    signal,
  });
  const slow = await measureInTurns(singles, {
    warmUp: 3,
    rounds: quick ? 7 : 51,
    report,
    patienceMs,
    settleMs: 200,
    signal,
  });
  const rateSeries = ways.map(({ name }): Series => ({ name, unit: 'mails/s', samples: fast.samplesOf(name) }));
  const timeSeries = ways.map(
    ({ name }): Series => ({ name: `${name}, one at a time`, unit: 'ms', samples: slow.samplesOf(name) }),
  );
  return {
    series: [...rateSeries, ...timeSeries],
    comparisons: [...compare(rateSeries, 'rate'), ...compare(timeSeries, 'time')],
    disturbed: fast.disturbed + slow.disturbed,
    notes: [
      `mails/s: ${count} mails of 2 kB, ${PARALLEL} connections at a time and a mail each, until the last one is delivered`,
      'one at a time: from the last byte sent until Exim says that it is done with the mail',
      'Exim’s own pipe: the mail image’s Exim with the same spool and options, the program a plain process of its user',
    ],
  };
}

function compare([ours, theirs]: readonly Series[], what: 'rate' | 'time') {
  if (ours === undefined || theirs === undefined) return [];
  return what === 'rate'
    ? [ratio('mails/s against Exim’s own pipe', ours, theirs, RATE)]
    : [difference('added per mail', ours, theirs, ADDED)];
}

interface Way {
  readonly name: string;
  readonly send: (count: number, parallel: number) => Promise<readonly Accepted[]>;
  /** When each was seen to be done with, milliseconds since 1970. */
  readonly completions: (ids: readonly string[]) => Promise<readonly number[]>;
}

/** Mails a second, from the first connection to the last delivery. */
async function rateOf({ send, completions }: Way, count: number): Promise<number> {
  const begun = now();
  const accepted = await send(count, PARALLEL);
  const ended = await completions(accepted.map(({ id }) => id));
  return count / ((Math.max(...ended) - begun) / 1000);
}

/** Milliseconds from the last byte of a mail to its delivery. */
async function timeOf({ send, completions }: Way): Promise<number> {
  const [mail] = await send(1, 1);
  if (mail === undefined) throw new Error('no mail was sent');
  const [ended = Number.NaN] = await completions([mail.id]);
  return ended - mail.sentAt;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

async function intoTheSite({ stage, node }: Workshop): Promise<Way> {
  const { name: site } = await stage.website();
  const address = `pipe@${site}`;
  await stage.client.call(createForwarder, {
    query: { wait: true },
    body: { address, pipe: "sh -c 'cat >/dev/null'" },
  });
  await visit(stage.endpoints.http, site, '/index.php');
  const side = await node();
  await side.call('followMail');
  const { hostname, port } = new URL(stage.endpoints.smtp);
  const letter = { host: hostname, port: Number(port), recipient: address };
  return {
    name: 'into the site',
    send: async (count, parallel) => await sendMany(letter, count, parallel),
    completions: async (ids) => await side.call('mailCompletions', ids, DELIVERY_MS),
  };
}

async function plainPipe({ stage, baseline }: Workshop): Promise<Way> {
  const { mail } = await stage.images();
  const side = await baseline();
  const { host, port } = await side.call('startMail', mail);
  const letter = { host, port, recipient: 'pipe@bench.example' };
  return {
    name: 'Exim’s own pipe',
    send: async (count, parallel) => await side.call('sendMany', letter, count, parallel),
    completions: async (ids) => await side.call('mailCompletions', ids, DELIVERY_MS),
  };
}
