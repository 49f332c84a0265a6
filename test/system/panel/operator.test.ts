import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount, getAccount } from '#contract/api/account.ts';
import { getSite } from '#contract/api/site.ts';
import { type Look, settled } from './browser.ts';
import { OPERATOR, type PanelStage, startPanelStage } from './stage.ts';

let stage: PanelStage;

beforeAll(async () => {
  stage = await startPanelStage();
  await stage.control.call(createAccount, { body: { name: 'molen', email: 'molen@example.net' } });
});

afterAll(async () => {
  await stage?.stop();
});

const DESK: Look = { theme: 'light', language: 'en', size: 'desktop' };
const PHONE: Look = { theme: 'dark', language: 'nl', size: 'phone' };

async function accountPath(name: string): Promise<string> {
  return `/accounts/${(await stage.control.call(getAccount, { params: { account: name } })).id}`;
}

test('the palette finds what lies in any account, says whose it is, and goes there by keyboard', async () => {
  const { page, close, complaints } = await stage.enter(DESK, OPERATOR);
  await settled(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').waitFor();
  await page.keyboard.type('bakker@');
  await page.getByRole('menuitem', { name: 'bakker@bakkerij-de-korenaar.nl' }).waitFor();
  await page.getByText('mailbox of willem').waitFor();
  await page.getByRole('searchbox').fill('molen');
  await page.getByRole('menuitem', { name: 'molen' }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/accounts/*');
  await page.getByRole('heading', { level: 1, name: 'molen' }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('a customer finds his own things, and nothing of others', async () => {
  const { page, close } = await stage.enter(DESK);
  await settled(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').waitFor();
  await page.keyboard.type('mol');
  await page.getByText('Nothing is called that.').waitFor();
  await page.getByRole('searchbox').fill('willem');
  await page.getByRole('menuitem', { name: 'willem account' }).waitFor();
  await close();
});

test('support: with a reason, for a time, marked everywhere; an owner sees it, allows changes, and it ends', async () => {
  const path = await accountPath('willem');
  const operator = await stage.enter(DESK, OPERATOR);
  const reason = 'asked by phone why the choir does not start';
  await operator.page.goto(path);
  await operator.page.getByRole('button', { name: 'Look into it' }).click();
  await operator.page.getByRole('textbox', { name: 'Why' }).fill(reason);
  await operator.page.getByRole('button', { name: 'Begin' }).click();
  const band = operator.page.getByText(`as support, until`);
  await band.waitFor();
  for (const other of ['/', '/nodes', '/audit']) {
    await operator.page.goto(other);
    await band.waitFor();
    expect(await band.textContent()).toContain(reason);
    expect(await band.textContent()).toContain('Reading only.');
  }

  const owner = await stage.enter(PHONE);
  await owner.page.goto(path);
  await owner.page.getByText(reason).waitFor();
  await owner.page.getByText('leest alleen').waitFor();
  await owner.page.getByRole('button', { name: 'Veranderen toestaan' }).click();
  await owner.page.getByText('mag dingen veranderen').waitFor();
  await operator.page.getByText('Its owner lets you change things.').waitFor();

  await operator.page.getByRole('button', { name: 'End it' }).click();
  await band.waitFor({ state: 'detached' });
  await owner.page.getByRole('button', { name: 'Weer alleen lezen' }).waitFor({ state: 'detached' });
  await owner.page.goto('/audit?account=willem');
  await owner.page.getByText('POST /v1/accounts/:account/support', { exact: true }).waitFor();
  expect([...operator.complaints, ...owner.complaints]).toEqual([]);
  await operator.close();
  await owner.close();
});

test('a site is suspended from its account, and undo lets it run', async () => {
  const { page, close } = await stage.enter(DESK, OPERATOR);
  const params = { site: 'studio-lantaarn.nl' };
  const isSuspended = async () => (await stage.control.call(getSite, { params })).suspended;
  await page.goto(await accountPath('willem'));
  await page.getByRole('button', { name: 'Suspend studio-lantaarn.nl' }).click();
  await page.getByRole('button', { name: 'Resume studio-lantaarn.nl' }).waitFor();
  expect(await isSuspended()).toBe(true);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Suspend studio-lantaarn.nl' }).waitFor();
  expect(await isSuspended()).toBe(false);
  await close();
});

test('an account is made, deleted, brought back by undo, and found among the deleted ones otherwise', async () => {
  const { page, close, complaints } = await stage.enter(DESK, OPERATOR);
  await page.goto('/accounts?make=true');
  await page.getByRole('textbox', { name: 'Name' }).fill('Not A Name');
  await page.getByRole('textbox', { name: 'Address' }).fill('smid@example.net');
  await page.getByRole('button', { name: 'Make it' }).click();
  // The problem is told, and what was typed stays.
  await page
    .getByRole('dialog')
    .getByText(/pattern|name/i)
    .first()
    .waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('smederij');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('heading', { level: 1, name: 'smederij' }).waitFor();
  await page.getByRole('button', { name: 'Delete account' }).click();
  await page.getByText('Until').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Delete account' }).click();
  await page.getByRole('button', { name: 'Bring back' }).waitFor();
  await page.goto('/accounts');
  await page.getByRole('radio', { name: 'Deleted' }).check();
  await page
    .getByRole('row', { name: /smederij/ })
    .getByRole('button', { name: 'Bring back' })
    .click();
  await page.getByText('smederij is back').waitFor();
  expect((await stage.control.call(getAccount, { params: { account: 'smederij' } })).deletedAt).toBeNull();
  expect(complaints).toEqual([]);
  await close();
});

test('a message that waits is shown with its headers as text, and tried again', async () => {
  const { page, close, complaints } = await stage.enter(DESK, OPERATOR);
  await page.goto('/queue');
  await page.getByRole('button', { name: 'Show 1sXyZa-0001Ab-Cd' }).click();
  await page.getByText('<b>staat klaar</b>').waitFor();
  expect(await page.locator('.message b').count()).toBe(0);
  await page.getByRole('dialog').getByRole('button', { name: 'Try now' }).click();
  await page.getByText('1sXyZa-0001Ab-Cd is being tried').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('the browser figures the chain out anew, and sees that an entry was altered', async () => {
  const { page, close, complaints } = await stage.enter(DESK, OPERATOR);
  await page.goto('/audit');
  await page.getByRole('button', { name: 'Verify here' }).click();
  await page.getByText('figured out anew in this browser: unbroken').waitFor();

  const { db } = stage.control.control.context;
  await sql`alter table audit disable trigger all`.execute(db);
  await sql`update audit set body = replace(body, 'willem@example.net', 'nobody@example.net')
    where action = 'POST /v1/accounts'`.execute(db);
  await sql`alter table audit enable trigger all`.execute(db);
  await page.getByRole('button', { name: 'Verify here' }).click();
  await page.getByText('The chain is broken at entry').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('who is no operator is shown no page of theirs, and the API gives nothing to it', async () => {
  const { page, close } = await stage.enter(DESK);
  await settled(page);
  expect(await page.getByRole('link', { name: 'Fleet' }).count()).toBe(0);
  for (const path of ['/nodes', '/queue']) {
    await page.goto(path);
    await page.getByRole('alert').first().waitFor();
  }
  await close();
});
