import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeMatrix } from '#contract/api/probe.ts';
import { type Look, settled } from './browser.ts';
import { OPERATOR, type PanelStage, startPanelStage } from './stage.ts';

let stage: PanelStage;

beforeAll(async () => {
  stage = await startPanelStage();
});

afterAll(async () => {
  await stage?.stop();
});

const DESK: Look = { theme: 'light', language: 'en', size: 'desktop' };
const PHONE: Look = { theme: 'dark', language: 'nl', size: 'phone' };

async function pathOf(name: string): Promise<string> {
  return (await stage.pages()).find(([each]) => each === name)?.[1] ?? name;
}

async function accessFaults(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

test.each([DESK, PHONE])('everything that is known of every wall can be read: $size', async (look) => {
  const { page, close, complaints } = await stage.enter(look);
  await page.goto(await pathOf('walls-holed'));
  await settled(page);
  await page.getByRole('button', { name: /Show every fact|Toon alle feiten/ }).click();
  expect(await page.locator('.wall').count()).toBe(85);
  expect(await page.locator('.wall details[open]').count()).toBe(85);
  const hole = page.locator('.wall[data-verdict=open]');
  expect(await hole.count()).toBe(1);
  expect(await hole.textContent()).toMatch(/(Its own word|Eigen woord).*mount succeeded.*(Without walls|Zonder muren)/);
  expect(await accessFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

test('one looks again: it is told, what was open is closed, and the next look waits for its minute', async () => {
  const { page, close, complaints } = await stage.enter(DESK);
  await page.goto(await pathOf('site-failed'));
  await page.getByRole('link', { name: 'Its walls' }).click();
  await page.getByRole('heading', { level: 2, name: 'One wall has a hole' }).waitFor();
  await page.getByRole('button', { name: 'Look again now' }).click();
  await page.getByRole('heading', { level: 2, name: 'All 83 walls hold' }).waitFor();
  await page.getByText('Looked again: All 83 walls hold').waitFor();
  await page.getByText(/again in \d+ seconds/).waitFor();
  expect(await page.getByRole('button', { name: 'Look again now' }).isDisabled()).toBe(true);
  expect(complaints).toEqual([]);
  await close();
});

test('an open page shows by itself what somebody else’s look found', async () => {
  const { page, close } = await stage.enter(DESK);
  const path = await pathOf('walls');
  await page.goto(path);
  await page.getByText(/^Last looked/).waitFor();
  const answered = page.waitForResponse((response) => response.url().endsWith('/proof') && response.status() === 200);
  await stage.control.send('POST', `/v1${path}`);
  await answered;
  await page.getByText(/again in \d+ seconds/).waitFor();
  await close();
});

test('the picture is gone through by arrows, says each cell in words, and shows holes alone', async () => {
  await stage.control.control.context.db
    .updateTable('probe_look')
    .set({
      results: JSON.stringify([{ probe: 'network.control-plane', verdict: 'open', fact: '10.0.0.1:443 answers' }]),
      holes: ['network.control-plane'],
    })
    .where('door', '=', 'web')
    .execute();
  const { page, close, complaints } = await stage.enter(DESK, OPERATOR);
  await page.goto('/probes');
  await settled(page);
  const grid = page.getByRole('grid');
  const words = page.locator('.matrix-words');
  await grid.locator('td[tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  expect(await words.textContent()).toContain('Decoy of node1, mail pipe: see processes of another user closed');
  await page.keyboard.press('End');
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('closed');
  expect(await words.textContent()).toContain('send on port 25 directly');
  await page.getByRole('heading', { name: 'What is open' }).waitFor();
  await page.getByRole('radio', { name: 'Only holes' }).check();
  const { items } = await stage.control.call(probeMatrix, { query: { holes: true } });
  await expect.poll(() => grid.locator('tbody tr').count()).toBe(items.length);
  expect(await grid.getByRole('columnheader').allTextContents()).toContain('reach the control plane');
  expect(await grid.getByRole('gridcell', { name: 'open' }).first().textContent()).toBe('×');
  expect(await accessFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

test('on a phone the hole is in view', async () => {
  const { page, close } = await stage.enter(PHONE, OPERATOR);
  await page.goto('/probes');
  await settled(page);
  const hole = await page.locator('td[data-verdict=open]').first().boundingBox();
  expect(hole?.x).toBeGreaterThan(0);
  expect(hole?.x).toBeLessThan(390);
  expect(await accessFaults(page)).toEqual([]);
  await close();
});
