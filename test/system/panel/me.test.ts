import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { totpCode, totpStep } from '#control/entrance/totp.ts';
import { makePerson } from '#control/testing/visitor.ts';
import { type Look, settled } from './browser.ts';
import { COLLEAGUE } from './mail-scene.ts';
import { PASSWORD, type PanelStage, startPanelStage } from './stage.ts';

let stage: PanelStage;

beforeAll(async () => {
  stage = await startPanelStage();
  // Passkeys are bound to where the browser finds the panel, which is known only now.
  Object.assign(stage.control.control.context.config.publicUrls, { panel: stage.url });
  for (const email of ['tess@example.net', 'pam@example.net']) {
    await makePerson(stage.control, { email, password: PASSWORD });
  }
});

afterAll(async () => {
  await stage?.stop();
});

const DESK: Look = { theme: 'light', language: 'en', size: 'desktop' };
const dialog = (page: Page) => page.getByRole('dialog');

async function logIn(page: Page, email: string): Promise<void> {
  await page.goto('/login');
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
}

/** Every session proved who it is an hour ago. */
async function forgetProofs(): Promise<void> {
  const { db } = stage.control.control.context;
  await db
    .updateTable('session')
    .set({ proven_at: new Date(Date.now() - 3_600_000) })
    .execute();
}

/** The secret of the QR code's `otpauth` address as bytes (RFC 4648, 6). */
function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

test('an app is set up from a code that is drawn here, and is asked for at the next log-in', async () => {
  const { page, close, complaints } = await stage.enter(DESK, 'tess@example.net');
  await page.goto('/me/security');
  await settled(page);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await dialog(page).getByRole('img', { name: 'QR code for an authenticator app' }).waitFor();
  const key = fromBase32((await dialog(page).locator('code').textContent()) ?? '');
  await dialog(page)
    .getByLabel('Code of the app')
    .fill(totpCode(key, totpStep(new Date()) - 1));
  await page.keyboard.press('Enter');
  await dialog(page).getByText('The app is set up').waitFor();
  const codes = await dialog(page).locator('li code').allTextContents();
  expect(codes.length).toBeGreaterThanOrEqual(8);
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByText(`${codes.length} codes are left.`).waitFor();
  expect(await page.content()).not.toContain(codes[0]);
  expect(complaints).toEqual([]);
  await close();

  const again = await stage.visit(DESK);
  await logIn(again.page, 'tess@example.net');
  await again.page.locator('input[name=totp]').fill(totpCode(key, totpStep(new Date())));
  await again.page.keyboard.press('Enter');
  await again.page.waitForURL((url) => url.pathname === '/');
  await again.close();
});

test('a passkey is made, shown, and forgotten', async () => {
  const { page, context, close, complaints } = await stage.enter(DESK, 'pam@example.net');
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto('/me/security');
  await settled(page);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.keyboard.type('Laptop');
  await page.keyboard.press('Enter');
  await dialog(page).locator('li code').first().waitFor();
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByText('never used yet').waitFor();
  await page.getByRole('button', { name: 'Forget Laptop' }).click();
  await dialog(page).getByRole('button', { name: 'Forget it' }).click();
  await page.getByText('None yet.').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('a dangerous act asks who one is, goes on by itself, and is not done where one thinks better of it', async () => {
  const { page, close } = await stage.enter(DESK);
  await page.goto('/me/tokens');
  await settled(page);
  await forgetProofs();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.keyboard.type('Backup');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
  await page.keyboard.press('Escape');
  await dialog(page).getByText('Nothing was done').waitFor();
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
  await page.locator('input[name=password]').fill('not it at all');
  await page.keyboard.press('Enter');
  await page.getByText('That is not it.').waitFor();
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Backup is ready').waitFor();
  const token = (await dialog(page).locator('code').textContent()) ?? '';
  expect(token).toMatch(/^hofje_\w{40}$/);
  const answer = await stage.control.send('GET', '/v1/sites', { token });
  expect(answer.status).toBe(200);
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Revoke: Backup' }).click();
  await dialog(page).getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Backup is good for nothing any more').waitFor();
  expect((await stage.control.send('GET', '/v1/sites', { token })).status).toBe(401);
  await close();
});

test('another session is ended from here', async () => {
  const elsewhere = await stage.enter(DESK, COLLEAGUE);
  const { page, close } = await stage.enter({ ...DESK, size: 'phone' }, COLLEAGUE);
  await page.goto('/me/security');
  await settled(page);
  await page.getByRole('button', { name: /^End the session of/ }).click();
  await page.getByText('The session has ended').waitFor();
  await elsewhere.page.goto('/mail');
  await elsewhere.page.waitForURL('**/login*');
  await elsewhere.close();
  await close();
});

test('an owner invites by a link that is shown once, changes a role, and takes the invitation back', async () => {
  const { page, close, complaints } = await stage.enter(DESK);
  await page.goto('/people');
  await settled(page);
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await dialog(page).getByLabel('Role').selectOption('reader');
  await dialog(page).getByLabel('E-mail address').fill('lot@example.net');
  await page.keyboard.press('Enter');
  const link = (await dialog(page).locator('code').textContent()) ?? '';
  expect(link).toMatch(/\/invitation#[\w-]{43}$/);
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Take back: invitation of lot@example.net' }).click();
  await page.getByText('The invitation is taken back').waitFor();
  await page.getByRole('button', { name: 'Change the role of anna' }).click();
  await dialog(page).getByLabel('Role').selectOption('collaborator');
  await dialog(page).getByText('studio-lantaarn.nl').click();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByText('Collaborator on one site').waitFor();
  expect(complaints).toEqual([]);
  await close();
});
