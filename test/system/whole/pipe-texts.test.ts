import { existsSync, readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createForwarder, deleteForwarder, getForwarder } from '#contract/api/forwarder.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { listQueue } from '#contract/api/queue.ts';
import { HofjeError } from '#model/error.ts';
import { parsePipeCommand } from '#model/mail/command.ts';
import { runInside } from '#platform/demo/inside.ts';
import { eventually } from '../platform/stage.ts';
import { makeTestSite, openWhole, type Whole } from './stage.ts';

interface Entry {
  readonly what: string;
  readonly text: string;
  readonly times?: number;
}

const CORPUS = JSON.parse(readFileSync(new URL('../../../corpus/pipe-texts.json', import.meta.url), 'utf8')) as Entry[];
const ALL = process.env['HOFJE_TEST_ALL'] === '1';
/** Every class of text in the fast suite, every text in the long one. */
const CHOSEN = ALL ? CORPUS : CORPUS.filter(({ what }, index) => CORPUS[index - 1]?.what !== what || index % 10 === 0);
const DOMAIN = 'texts.example';
/** Writes its arguments down, each ended by a NUL, under the name of the address. */
const RECORDER = `sh -c 'cat > /dev/null; printf "%s\\0" "$@" > "argv/$LOCAL_PART"' sh`;
/** What the corpus tries to make on whatever runs it. */
const TRACE = '/tmp/hofje-corpus';

let whole: Whole;
let transport: ReturnType<typeof createTransport>;
beforeAll(async () => {
  whole = await openWhole();
  await makeTestSite(whole.client, DOMAIN);
  await whole.client.call(createMailbox, { query: { wait: true }, body: { address: `sender@${DOMAIN}` } });
  await runInside(whole.client, DOMAIN, ['mkdir', 'argv']);
  const { hostname, port } = new URL(whole.endpoints.smtp);
  const tls = { rejectUnauthorized: false };
  transport = createTransport({ host: hostname, port: Number(port), pool: true, maxConnections: 4, tls });
});
afterAll(async () => {
  transport?.close();
  await whole?.close();
});

const textOf = ({ text, times }: Entry) => text.repeat(times ?? 1);

/** What the rule makes of a text, or undefined when it refuses it. */
function parsed(text: string): string[] | undefined {
  try {
    return parsePipeCommand(text);
  } catch {
    return undefined;
  }
}

async function store(localPart: string, pipe: string) {
  const body = { address: `${localPart}@${DOMAIN}`, pipe };
  try {
    return await whole.client.call(createForwarder, { query: { wait: true }, body });
  } catch (error) {
    if (error instanceof HofjeError) return error;
    throw error;
  }
}

async function deliver(localPart: string): Promise<void> {
  const to = `${localPart}@${DOMAIN}`;
  await transport.sendMail({ from: `sender@${DOMAIN}`, to, subject: localPart, text: 'x' });
}

test('every text is stored as it is or refused with the field, and nothing runs outside', async () => {
  let stored = 0;
  for (const [index, entry] of CHOSEN.entries()) {
    const text = textOf(entry);
    const answer = await store(`raw-${index}`, text);
    const argv = parsed(text);
    if (answer instanceof HofjeError) {
      expect(answer.field, `${entry.what} ${index}`).toMatch(/pipe/);
      expect(argv, `refused by the API, taken by the rule: ${entry.what} ${index}`).toBeUndefined();
      continue;
    }
    stored += 1;
    expect(answer.argv, entry.what).toEqual(argv);
    expect((await whole.client.call(getForwarder, { params: { forwarder: answer.id } })).pipe).toBe(text);
    await deliver(`raw-${index}`);
  }
  expect(stored).toBeGreaterThan(CHOSEN.length / 3);
  await settled('raw-');
  expect(existsSync(TRACE)).toBe(false);
}, 1_200_000);

test('the text arrives as the arguments that the rule says', async () => {
  const expected = new Map<string, string[]>();
  for (const [index, entry] of CHOSEN.entries()) {
    const text = `${RECORDER} ${textOf(entry)}`;
    const argv = parsed(text);
    if (argv === undefined) continue;
    const answer = await store(`argv-${index}`, text);
    expect(answer, `${entry.what} ${index}`).not.toBeInstanceOf(HofjeError);
    expected.set(`argv-${index}`, argv.slice(4));
    await deliver(`argv-${index}`);
  }
  expect(expected.size).toBeGreaterThan(CHOSEN.length / 3);
  await settled('argv-');
  for (const [name, argv] of expected) {
    const { stdout } = await runInside(whole.client, DOMAIN, ['cat', '--', `argv/${name}`]);
    expect(stdout.toString('utf8').split('\0').slice(0, -1), name).toEqual(argv.length === 0 ? [''] : argv);
  }
  expect(existsSync(TRACE)).toBe(false);
}, 1_200_000);

/** Waits until no mail for such an address waits any more: it was taken or refused; none is lost on the way. */
async function settled(prefix: string): Promise<void> {
  await eventually(
    `mail for ${prefix}`,
    async () => {
      const { items, silent } = await whole.client.call(listQueue, {});
      const waiting = items.filter(({ recipients }) => recipients.some((one) => JSON.stringify(one).includes(prefix)));
      return silent.length === 0 && waiting.length === 0 ? true : undefined;
    },
    120,
  );
}

test('a pipe can be deleted again, whatever its text', async () => {
  const answer = await store('gone', 'true "$(id)"');
  if (answer instanceof HofjeError) throw answer;
  await whole.client.call(deleteForwarder, { params: { forwarder: answer.id }, query: { wait: true } });
  await expect(deliver('gone')).rejects.toThrow(/550/);
});
