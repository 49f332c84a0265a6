import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import type { MailWish } from '#model/node/desired.ts';
import { LastGoodMail } from './last-good.ts';

const NONE: MailWish = { domains: [], mailboxes: [], forwarders: [] };
const GOOD: MailWish = {
  ...NONE,
  domains: [{ id: makeId('domain', Buffer.alloc(20)), name: 'one.example', limitBytes: 1 }],
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-last-good-'));
  path = join(folder, 'mail-good.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the next agent knows what the one before had written, and nobody but root reads it', async () => {
  const before = new LastGoodMail(path);
  expect(await before.read()).toEqual(NONE);
  await before.write(GOOD);
  expect(await before.read()).toEqual(GOOD);
  expect(await new LastGoodMail(path).read()).toEqual(GOOD);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each(['', '{', '[]', '{"domains":[{"id":1}],"mailboxes":[],"forwarders":[]}'])(
  'a file that cannot be used (%s) is as good as none, and is replaced',
  async (text) => {
    writeFileSync(path, text);
    const store = new LastGoodMail(path);
    expect(await store.read()).toEqual(NONE);
    await store.write(GOOD);
    expect(await new LastGoodMail(path).read()).toEqual(GOOD);
  },
);
