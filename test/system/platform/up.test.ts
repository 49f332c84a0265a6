import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '#contract/api/account.ts';
import type { Site } from '#contract/api/site.ts';
import { findLeftovers, slotOf } from '#platform/down/leftovers.ts';
import { programFingerprint } from '#platform/program.ts';
import type { StateFolders } from '#platform/state/folders.ts';
import type { Status } from '#platform/status.ts';
import { installationGroups, killGroup } from '#platform/supervise/group.ts';
import { hofje, hofjeJson, killUpAfter } from './command.ts';
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
});
