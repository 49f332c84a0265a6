import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Look, settled } from './browser.ts';
import { OWNER, PASSWORD, type PanelStage, startPanelStage } from './stage.ts';

let stage: PanelStage;

beforeAll(async () => {
  stage = await startPanelStage();
});

afterAll(async () => {
  await stage?.stop();
});

const DESK: Look = { theme: 'light', language: 'en', size: 'desktop' };
const PHONE: Look = { ...DESK, size: 'phone' };

/** What has the focus, in words. */
async function focused(page: Page): Promise<string> {
  return await page.evaluate<string>(
    `(() => { const at = document.activeElement; return at.getAttribute('aria-label') || at.name || at.textContent; })()`,
  );
}

/** Presses Tab until something is reached, as somebody without a mouse does. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)).includes(wanted)) return;
  }
  throw new Error(`${wanted} is not reached by Tab`);
}

test('one logs in by keyboard alone, skips to the content, opens a house and comes back', async () => {
  const { page, close } = await stage.visit(DESK);
  await page.goto('/login');
  await settled(page);
  // The first field has the focus.
  await page.keyboard.type(OWNER);
  await tabTo(page, 'password');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/');
  await expect.poll(() => focused(page)).toBe('Houses');

  await page.reload();
  await settled(page);
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  await tabTo(page, 'bakkerij-de-korenaar.nl');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/sites/*');
  await expect.poll(() => focused(page)).toBe('bakkerij-de-korenaar.nl');
  await page.goBack();
  await expect.poll(() => focused(page)).toBe('Houses');
  await close();
});

test('whoever is not logged in is led to the log-in, and afterwards to where he was going', async () => {
  const { page, close } = await stage.visit(DESK);
  const [, path = ''] = (await stage.pages()).find(([name]) => name === 'site-awake') ?? [];
  await page.goto(path);
  await page.waitForURL('**/login*');
  await page.locator('input[name=email]').fill(OWNER);
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`**${path}`);
  await close();
});

test.each(['//elsewhere.example/', '/\\elsewhere.example', 'https://elsewhere.example/', 'javascript:alert(1)'])(
  'a log-in never leads to %s',
  async (to) => {
    const { page, close } = await stage.visit(DESK);
    await page.goto(`/login?to=${encodeURIComponent(to)}`);
    await page.locator('input[name=email]').fill(OWNER);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    await page.waitForURL((url) => url.pathname === '/');
    expect(new URL(page.url()).origin).toBe(stage.url);
    await close();
  },
);

test('a wrong password is told, what was typed stays, and nothing is cleared', async () => {
  const { page, close } = await stage.visit({ ...DESK, language: 'nl' });
  await page.goto('/login');
  await page.locator('input[name=email]').fill(OWNER);
  await page.locator('input[name=password]').fill('not the one');
  await page.locator('button[type=submit]').click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('horen niet bij elkaar');
  expect(await page.locator('input[name=email]').inputValue()).toBe(OWNER);
  expect(await page.locator('input[name=password]').inputValue()).toBe('not the one');
  await close();
});

test('the palette opens with Ctrl-K, finds a house by its name, goes there, and gives the focus back on Escape', async () => {
  const { page, close } = await stage.enter(DESK);
  await settled(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').waitFor();
  await page.keyboard.type('lantaarn');
  await page.getByRole('menuitem', { name: 'studio-lantaarn.nl' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/sites/*');
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').waitFor({ state: 'detached' });
  await close();
});

test('theme and language are chosen, at once and for the next time', async () => {
  const { page, close } = await stage.enter(DESK);
  await settled(page);
  await page.getByRole('button', { name: 'willem' }).click();
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
  await page.getByRole('radio', { name: 'Nederlands' }).check();
  await page.getByRole('heading', { level: 1, name: 'Huizen', includeHidden: true }).waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe('nl');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Huizen' }).waitFor();
  expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
  await close();
});

test('a thumb finds every place: in the bar, and in the drawer, with the way out', async () => {
  const { page, close } = await stage.enter(PHONE);
  await settled(page);
  await page.getByRole('button', { name: 'Menu' }).click();
  const drawer = page.getByRole('dialog', { name: 'Menu' });
  await drawer.getByRole('link', { name: 'Houses' }).waitFor();
  await drawer.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL('**/login*');
  await page.goto('/');
  await page.waitForURL('**/login*');
  await close();
});

test('a name is added and taken away, and undo brings it back', async () => {
  const { page, close, complaints } = await stage.enter(DESK);
  const [, path = ''] = (await stage.pages()).find(([name]) => name === 'site-awake') ?? [];
  await page.goto(path);
  await settled(page);
  const field = page.getByRole('textbox', { name: 'Add a name' });
  await field.fill('winkel.bakkerij-de-korenaar.nl');
  await page.getByRole('button', { name: 'Add a name' }).click();
  const remove = page.getByRole('button', { name: 'Remove winkel.bakkerij-de-korenaar.nl' });
  await remove.click();
  await remove.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await remove.waitFor();
  // A name that cannot be is told at its field, and stays there to be mended.
  await field.fill('not a name');
  await page.getByRole('button', { name: 'Add a name' }).click();
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
  expect(await field.inputValue()).toBe('not a name');
  expect(complaints).toEqual([]);
  await close();
});

test('a page left open over an absence of the platform says so in one line, and heals by itself', async () => {
  const { page, close } = await stage.enter(DESK);
  await settled(page);
  await stage.cut();
  await page.getByText('Connection lost').waitFor({ timeout: 30_000 });
  await page.getByRole('link', { name: /bakkerij-de-korenaar/ }).waitFor();
  await stage.mend();
  await page.getByText('Connection lost').waitFor({ state: 'detached', timeout: 60_000 });
  await close();
});
