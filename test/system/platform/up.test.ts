import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '#contract/api/account.ts';
import type { Site } from '#contract/api/site.ts';
import { findLeftovers, slotOf } from '#platform/down/leftovers.ts';
import { programFingerprint } from '#platform/program.ts';
import type { StateFolders } from '#platform/state/folders.ts';
import type { Status } from '#platform/status.ts';
import { installationGroups, killGroup } from '#platform/supervise/group.ts';
import { hofje, hofjeAtTerminal, hofjeFed, hofjeJson, killUpAfter } from './command.ts';
import { eventually, freshState, purge } from './stage.ts';

const status = (folders: StateFolders) => hofjeJson<Status>(folders, 'status');

async function mustBeUp(folders: StateFolders): Promise<Status> {
  const { code, stderr } = await hofje(folders, 'up');
  expect(code, stderr).toBe(0);
  const seen = await status(folders);
  expect(seen).toMatchObject({ state: 'up', problem: null });
  expect(seen.nodes).toMatchObject([{ name: 'node1', health: 'ok', linked: true }]);
  return seen;
}

/** What a visitor of the site gets, by the address that `status` names. */
async function visit(seen: Status, host: string): Promise<number | undefined> {
  const url = new URL(seen.endpoints?.https ?? '');
  return await new Promise((resolve) => {
    const options = {
      host: url.hostname,
      port: url.port || 443,
      servername: host,
      headers: { host },
      rejectUnauthorized: false,
    };
    const asked = request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.setTimeout(10_000, () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}

async function makeSite(folders: StateFolders): Promise<Site> {
  await hofjeJson<Account>(folders, 'account', 'create', 'alice', '--email', 'alice@example.org');
  return await hofjeJson<Site>(folders, 'site', 'create', 'alice.example.org', '--account', 'alice');
}

/** Long enough for a machine that builds its images first. */
const PATIENCE_MS = 600_000;

describe('up', { timeout: PATIENCE_MS }, () => {
  const folders = freshState();
  let slot: number | undefined;

  afterAll(async () => {
    expect(await purge(folders, slot)).toEqual([]);
  });

  test.each([2, 3, 4, 5, 6])('is killed after %i steps', async (steps) => {
    expect((await killUpAfter(folders, steps)).code).toBeNull();
  });

  test('repairs what those left', async () => {
    await mustBeUp(folders);
    slot = await slotOf(folders);
  });

  test('changes nothing when everything runs', async (context) => {
    const [before, version] = [await status(folders), await programFingerprint()];
    const after = await mustBeUp(folders);
    // A changed program is started anew, and somebody may be working on it just now.
    if (version !== (await programFingerprint())) context.skip();
    expect(after.processes.map(({ pid }) => pid)).toEqual(before.processes.map(({ pid }) => pid));
    expect(after.nodes).toEqual(before.nodes);
  });

  test('a site that works after that', async () => {
    const site = await makeSite(folders);
    expect(site.settled).toMatchObject({ applied: true });
    expect(await visit(await status(folders), 'alice.example.org')).toBe(200);
  });

  describe('site exec', () => {
    const inside = ['site', 'exec', 'alice.example.org', '--'] as const;

    test('streams and exit code are passed through', async () => {
      const ran = await hofje(folders, ...inside, 'sh', '-c', 'echo out; echo err >&2; exit 7');
      expect(ran).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
      expect(await hofje(folders, ...inside, 'no-such-program')).toMatchObject({ code: 127, stdout: '' });
      expect(await hofje(folders, ...inside, 'sh', '-c', 'kill -TERM $$')).toMatchObject({ code: 128 + 15 });
    });

    test('every byte of the input arrives, and its end', async () => {
      const bytes = randomBytes(3_000_000);
      const { code, stdout } = await hofjeFed(folders, bytes, ...inside, 'sha256sum');
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${createHash('sha256').update(bytes).digest('hex')}  -\n` });
    });

    test('a terminal: its size, its resizing, Ctrl-C, lines as they are', async () => {
      const terminal = hofjeAtTerminal(folders, { cols: 91, rows: 31 }, ...inside, 'bash', '--norc');
      const shows = (text: string) =>
        eventually(`${text} on the screen`, async () => (terminal.screen().includes(text) ? true : undefined), 30);
      await shows('$ ');
      terminal.type('stty size; tty; printf "a\\nb"\n');
      await shows('31 91\r\n/dev/pts/0\r\na\r\nb');
      terminal.resize(132, 50);
      terminal.type('until [ "$(stty size)" = "50 132" ]; do sleep 0.1; done; echo re""sized\n');
      await shows('resized');
      terminal.type('sleep 1000\n');
      await shows('sleep 1000\r\n');
      terminal.type('\u0003');
      terminal.type('exit 5\n');
      expect(await terminal.ended).toBe(5);
    });

    test('with --json, one document', async () => {
      const { code, stdout } = await hofje(folders, '--json', ...inside, 'sh', '-c', 'echo out; exit 2');
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toEqual({ outcome: { kind: 'exited', status: 2 }, stdout: 'out\n', stderr: '' });
    });
  });

  test('down and up again bring the same back', async () => {
    expect((await hofje(folders, 'down')).code).toBe(0);
    expect((await findLeftovers(folders, slot)).map(({ kind }) => kind)).toEqual(['folder']);
    expect(await status(folders)).toMatchObject({ state: 'down' });
    const seen = await mustBeUp(folders);
    expect(seen.sites).toMatchObject([{ name: 'alice.example.org' }]);
    expect(await visit(seen, 'alice.example.org')).toBe(200);
  });

  test('everything is killed at once, as by a power cut: up brings all back', async () => {
    for (const group of await installationGroups(slot ?? -1)) expect(await killGroup(group)).toEqual([]);
    expect(await status(folders)).toMatchObject({ state: 'down' });
    const seen = await mustBeUp(folders);
    const answer = await eventually('an answer', async () =>
      (await visit(seen, 'alice.example.org')) === 200 ? 200 : undefined,
    );
    expect(answer).toBe(200);
  });
});

describe('two installations on one machine', () => {
  const [one, other] = [freshState(), freshState()];

  beforeAll(async () => {
    await Promise.all([mustBeUp(one), mustBeUp(other)]);
  });

  afterAll(async () => {
    expect([await purge(one), await purge(other)]).toEqual([[], []]);
  });

  test('share no address, port, or slot', async () => {
    const [first, second] = [await status(one), await status(other)];
    for (const [name, url] of Object.entries(first.endpoints ?? {})) {
      expect(Object.values(second.endpoints ?? {}), name).not.toContain(url);
    }
    expect(await slotOf(one)).not.toBe(await slotOf(other));
  });

  test('one is purged, the other does not notice', async () => {
    const site = await makeSite(one);
    const before = await status(one);
    const slot = await slotOf(other);
    expect(await purge(other, slot)).toEqual([]);
    const after = await status(one);
    expect(after).toMatchObject({ state: 'up' });
    expect(after.processes.map(({ pid }) => pid)).toEqual(before.processes.map(({ pid }) => pid));
    expect(await visit(after, site.name)).toBe(200);
  });

  test('a wreck that nobody could start again leaves nothing either', async () => {
    const slot = await slotOf(one);
    const node = one.node('node1');
    for (const file of [one.installation, join(node, 'agent.json'), join(node, 'ledger.json')]) await rm(file);
    for (const group of await installationGroups(slot ?? -1)) {
      if (existsSync(join(group, 'platform'))) await killGroup(join(group, 'platform'));
    }
    // Sites and services run on: nobody of the platform's own is there to end them.
    expect((await findLeftovers(one, slot)).map(({ kind }) => kind)).toContain('process');
    expect(await purge(one, slot)).toEqual([]);
  });
});
