import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followEvents } from '#contract/api/event.ts';
import { createForwarder } from '#contract/api/forwarder.ts';
import { listPipeRuns, testPipe } from '#contract/api/pipe-run.ts';
import { getSite, sleepSite, wakeSite } from '#contract/api/site.ts';
import { send } from '#platform/demo/mail.ts';
import { hofje, hofjeJson } from '../platform/command.ts';
import { eventually } from '../platform/stage.ts';
import { makeTestSite, openWhole, supervisedPid, type Whole } from './stage.ts';

const SITE = 'record.example';

let whole: Whole;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hofje-record-'));
  whole = await openWhole();
  await makeTestSite(whole.client, SITE);
  for (const [name, pipe] of [
    ['good', "sh -c 'wc -l; echo done >&2'"],
    ['bad', "sh -c 'cat > /dev/null; echo no such ticket >&2; exit 3'"],
  ]) {
    const body = { address: `${name}@${SITE}`, ...(pipe !== undefined && { pipe }) };
    await whole.client.call(createForwarder, { query: { wait: true }, body });
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await whole?.close();
});

const pipe = (name: string) => ({ forwarder: `${name}@${SITE}` });

describe('a pipe', () => {
  test('that is tried tells its exit code, time and output, also of a site that sleeps', async () => {
    await whole.client.call(sleepSite, { params: { site: SITE } });
    const message = 'From: <a@b.example>\nSubject: x\n\none\ntwo\n';
    const good = await whole.client.call(testPipe, { params: pipe('good'), body: { message } });
    expect(good).toMatchObject({ outcome: 'exited', status: 0, mail: 'delivered', test: true, cut: false });
    expect(good.output).toMatch(/^5\n/);
    expect(good.output).toContain('done');
    expect(good.milliseconds).toBeGreaterThan(0);
    const bad = await hofje(whole.folders, 'forwarder', 'test', `bad@${SITE}`);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/exited 3, so mail is refused, after \d+ ms \(a test\)\n {2}no such ticket/);
  });

  test('that got mail has a run with what the program wrote', async () => {
    const letter = { from: 'friend@visitor.example', to: `good@${SITE}`, subject: 'hello', text: 'x' };
    await send(whole.endpoints.smtp, letter, undefined);
    const run = await eventually('its run', async () => {
      const { items } = await whole.client.call(listPipeRuns, { params: pipe('good') });
      return items.find((each) => !each.test);
    });
    expect(run).toMatchObject({ outcome: 'exited', status: 0, mail: 'delivered' });
    expect(run.output).toContain('done');
    expect((await whole.client.call(listPipeRuns, { params: pipe('bad') })).items).toMatchObject([
      { test: true, status: 3 },
    ]);
  });
});

describe('the audit', () => {
  test('is verified as it is, from a file, and against a remembered hash', async () => {
    const file = join(folder, 'audit.jsonl');
    const verdict = await hofjeJson<{ head: { hash: string } }>(whole.folders, 'audit', 'verify');
    const noted = verdict.head.hash;
    await hofje(whole.folders, 'audit', 'export', '--file', file);
    expect((await hofje(whole.folders, 'audit', 'verify', '--file', file, '--head', noted)).code).toBe(0);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const broken = async (name: string, text: string, ...more: string[]) => {
      await writeFile(join(folder, name), text);
      const { code, stdout } = await hofje(whole.folders, 'audit', 'verify', '--file', join(folder, name), ...more);
      return `${code} ${stdout}`;
    };
    expect(await broken('removed', lines.toSpliced(2, 1).join('\n'))).toMatch(/^1 Broken at entry 3: .*missing/);
    expect(await broken('altered', lines.join('\n').replace('POST /v1/sites', 'POST /v1/sitez'))).toMatch(/^1 Broken/);
    expect(await broken('cut', lines.slice(0, -1).join('\n'))).toMatch(/^1 Broken .*ends at/);
    expect(await broken('other', lines.join('\n'), '--head', 'f'.repeat(64))).toMatch(/^1 Broken .*remembered/);
  });

  test('is listed, and says that it was the command line', async () => {
    const { items } = await hofjeJson<{ items: { through: string; action: string }[] }>(whole.folders, 'audit', 'list');
    expect(items).toContainEqual(
      expect.objectContaining({ through: 'cli', action: 'POST /v1/forwarders/:forwarder/test' }),
    );
    expect((await hofje(whole.folders, 'audit', 'list', '--account', 'record-example')).stdout).toContain(
      'POST /v1/sites',
    );
  });
});

test('hints come of what happens on the node, and go on after the control plane was killed', async () => {
  await whole.client.call(sleepSite, { params: { site: SITE } });
  const first = await listenFor(undefined);
  await whole.client.call(wakeSite, { params: { site: SITE } });
  const { id } = await whole.client.call(getSite, { params: { site: SITE } });
  const place = await first.until(`"object":"${id}"`);
  process.kill(await supervisedPid(whole.folders, 'control'), 'SIGKILL');
  await first.ended;
  const again = await eventually('the control plane', async () => await listenFor(place).catch(() => undefined));
  await whole.client.call(sleepSite, { params: { site: SITE } });
  await again.until(`"object":"${id}"`);
  again.stop();
});

/** Reads the events as text; the id that came last is where to go on. */
async function listenFor(place: string | undefined) {
  const source = await whole.client.read(followEvents, {}, place === undefined ? {} : { 'last-event-id': place });
  let heard = '';
  source.on('data', (piece: Buffer) => {
    heard += piece.toString('utf8');
  });
  const ended = new Promise<void>((resolve) => source.once('close', resolve).once('error', () => resolve()));
  return {
    ended,
    stop: () => source.destroy(),
    async until(word: string): Promise<string> {
      await eventually(word, async () => (heard.includes(word) ? true : undefined));
      return [...heard.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
    },
  };
}
