import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getForwarder } from '#contract/api/forwarder.ts';
import { getMailbox } from '#contract/api/mailbox.ts';
import { type Look, settled } from './browser.ts';
import { FORWARDER, MAILBOX, mailPages, PIPE } from './mail-scene.ts';
import { type PanelStage, startPanelStage } from './stage.ts';

let stage: PanelStage;

beforeAll(async () => {
  stage = await startPanelStage();
});

afterAll(async () => {
  await stage?.stop();
});

const DESK: Look = { theme: 'light', language: 'en', size: 'desktop' };

async function open(page: Page, name: string): Promise<void> {
  const path = (await mailPages(stage.control)).find(([each]) => each === name)?.[1] ?? '';
  await page.goto(path);
  await settled(page);
}

const dialog = (page: Page) => page.getByRole('dialog');

test('a mailbox is made with a password that is shown once, and one can log in with it and sees it alone', async () => {
  const { page, close } = await stage.enter(DESK);
  await open(page, 'mail-domain');
  await page.getByRole('button', { name: 'New mailbox' }).click();
  // The first field has the focus.
  await page.keyboard.type('nieuw');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('nieuw@bakkerij-de-korenaar.nl is there').waitFor();
  const secret = (await dialog(page).locator('code').first().textContent()) ?? '';
  expect(secret).toMatch(/^\w{24}$/);
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('link', { name: 'nieuw@bakkerij-de-korenaar.nl' }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await close();

  const own = await stage.visit(DESK);
  await own.page.goto('/login');
  await own.page.locator('input[name=email]').fill('nieuw@bakkerij-de-korenaar.nl');
  await own.page.locator('input[name=password]').fill(secret);
  await own.page.locator('button[type=submit]').click();
  await own.page.getByRole('heading', { level: 1, name: 'nieuw@bakkerij-de-korenaar.nl' }).waitFor();
  expect(new URL(own.page.url()).pathname).toBe('/mailbox');
  await own.page.getByText('993').first().waitFor();
  expect(await own.page.getByRole('navigation').getByRole('link').count()).toBe(0);
  for (const path of ['/', '/mail', '/me/security']) {
    await own.page.goto(path);
    await own.page.waitForURL('**/mailbox');
  }
  await settled(own.page);
  const { violations } = await new AxeBuilder({ page: own.page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
  await own.page.getByLabel('Present password').fill(secret);
  await own.page.getByLabel('New password').fill('een nieuw wachtwoord van mij');
  await own.page.getByRole('button', { name: 'Change the password' }).click();
  await own.page.getByText('The password is another').waitFor();
  expect(own.complaints).toEqual([]);
  await own.close();
});

test('what cannot be undone asks for the name first', async () => {
  const { page, close } = await stage.enter(DESK);
  await open(page, 'mail-domain');
  await page.getByRole('link', { name: 'bakker@' }).click();
  await page.getByRole('button', { name: 'Delete this mailbox' }).click();
  const act = dialog(page).getByRole('button', { name: 'Delete' });
  expect(await act.isDisabled()).toBe(true);
  await page.keyboard.type('bakker@bakkerij-de-korenaar.nl');
  await act.click();
  await page.waitForURL('**/mail/*');
  const params = { mailbox: 'bakker@bakkerij-de-korenaar.nl' };
  expect(await stage.control.problem(getMailbox, { params })).toMatchObject({ status: 404 });
  await close();
});

test('a deleted forwarder comes back by undo', async () => {
  const { page, close } = await stage.enter(DESK);
  await open(page, 'forwarder');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  const params = { forwarder: FORWARDER };
  await expect
    .poll(async () => (await stage.control.call(getForwarder, { params })).to?.length, { timeout: 10_000 })
    .toBe(2);
  await close();
});

test('the words of a pipe stand there as one types, what is wrong at its place, and a test is told', async () => {
  const { page, close, complaints } = await stage.enter(DESK);
  await open(page, 'pipe');
  const command = page.getByRole('textbox', { name: 'Command' });
  const words = page.getByRole('region', { name: 'What will be started' });
  await command.fill(`php 'a b' "c`);
  await words.getByText('This " is never closed.').waitFor();
  expect(await words.locator('mark').textContent()).toBe('"');
  await command.fill(`php 'a b' "<b>c</b>" ''`);
  await expect.poll(() => words.locator('code').allTextContents()).toEqual(['php', 'a b', '<b>c</b>', '']);
  await page.getByRole('button', { name: 'Save the command' }).click();
  await page.getByText(`The command of ${PIPE} is another now`).waitFor();
  const params = { forwarder: PIPE };
  expect((await stage.control.call(getForwarder, { params })).argv).toEqual(['php', 'a b', '<b>c</b>', '']);

  await page.getByRole('button', { name: 'Send a test message' }).click();
  await page.locator('.notice-good').getByText('The program ended with 0').waitFor();
  await page.locator('.notice-good').getByText('vraag 411 opgeslagen').waitFor();
  // What a program wrote is text, whatever it is.
  await page.getByText('What the program wrote').last().click();
  await page.getByText('<b>mysqli</b>').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('who may only look finds nothing to press', async () => {
  const { page, close } = await stage.enter(DESK, 'anna@example.net');
  await open(page, 'mailbox');
  await page.getByRole('heading', { level: 1, name: MAILBOX }).waitFor();
  expect(await page.getByRole('button', { name: /delete|password/i }).count()).toBe(0);
  await open(page, 'pipe');
  expect(await page.getByRole('button', { name: /save|test|delete/i }).count()).toBe(0);
  await close();
});
