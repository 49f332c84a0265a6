import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SiteWish } from '#model/node/desired.ts';
import { ask } from './agent-support/http.ts';
import { TestNode, until } from './agent-support/test-node.ts';

/* A node with little room: who may wake, who has to sleep for it, and what is told to those who come too late. */

let node: TestNode;
let first: SiteWish;
let second: SiteWish;

const quick = async (site: SiteWish) => await ask(node.address, site.primaryName, { path: '/slow.php?s=0' });

beforeAll(async () => {
  // Room for one site that starts, whatever the other one uses.
  node = await TestNode.make({ sitesMemoryBytes: 60 * 1024 * 1024 });
  await node.start();
  first = await node.siteWish('first.example.org');
  second = await node.siteWish('second.example.org');
  await node.addSites(first, second);
  for (const site of [first, second]) {
    await node.writeFile(site.id, 'public/slow.php', '<?php sleep((int) $_GET["s"]); echo "done";');
  }
});
afterAll(async () => {
  await node.destroy();
});

test('the longest idle site sleeps to make room for one that is wanted', async () => {
  expect((await quick(first)).status).toBe(200);
  // A site that has just served is not put to sleep for another one.
  await pause(6000);
  expect((await quick(second)).status).toBe(200);
  await until('the first one sleeps', () => node.site(first.id)?.state === 'asleep', 10_000);
  await until('the second one runs', () => node.site(second.id)?.state === 'running', 10_000);
});

test('who is busy is left alone, and who finds no room is told when to come again', async () => {
  const long = ask(node.address, second.primaryName, { path: '/slow.php?s=14' });
  const refused = await quick(first);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await long).text).toBe('done');
  expect(node.site(first.id)?.state).toBe('asleep');
  // Nothing counts against the site that had no room.
  await until('it is served', async () => (await quick(first)).status === 200, 30_000);
});

test('processes that memory ran out for are counted as faults of their site', async () => {
  const limits = { ...first.limits, memoryBytes: 96 * 1024 * 1024 };
  await node.replaceSite({ ...first, limits });
  const eat = '<?php ini_set("memory_limit", "-1"); $all = []; while (true) { $all[] = str_repeat("x", 1 << 20); }';
  await node.writeFile(first.id, 'public/eat.php', eat);
  expect((await ask(node.address, first.primaryName, { path: '/eat.php' })).status).toBeGreaterThanOrEqual(500);
  const faults = () =>
    node.control.reports.flatMap((report) =>
      report.signals.filter((window) => window.site === first.id).flatMap((window) => window.faults),
    );
  const isCounted = () => faults().some(({ signature }) => signature.startsWith('out-of-memory'));
  await until('the fault is reported', isCounted, 110_000);
  const windows = node.control.reports.flatMap((report) => report.signals);
  expect(windows.some((window) => window.site === first.id && window.status5xx > 0)).toBe(true);
  expect(windows.some((window) => window.wakes > 0 && (window.wakeMilliseconds?.length ?? 0) > 0)).toBe(true);
});
