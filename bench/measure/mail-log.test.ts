import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MailLog } from './mail-log.ts';

let folder: string;
let path: string;
let log: MailLog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hofje-mail-log-'));
  path = join(folder, 'mainlog');
  await writeFile(path, '2026-11-24 10:00:00 1vNOLD-000000000aa-1234 Completed\n');
  log = await MailLog.follow(path);
});

afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

test('the end of each mail is seen when it is written, in pieces too', async () => {
  const begun = performance.timeOrigin + performance.now();
  await appendFile(path, '2026-11-24 10:00:01 1vN1 => pipe <a@b.example> T=pipe\n2026-11-24 10:00:01 1vN1 Comp');
  await appendFile(path, 'leted\n2026-11-24 10:00:01 1vN2 Completed\n');
  const times = await log.completions(['1vN2', '1vN1'], 5000);
  expect(times).toHaveLength(2);
  for (const time of times) expect(time).toBeGreaterThanOrEqual(begun);
});

test('what was put off is counted, and is not done with', async () => {
  await appendFile(path, '2026-11-24 10:00:01 1vN1 == a@b.example R=pipe T=pipe defer (-44)\n');
  await expect(log.completions(['1vN1'], 200)).rejects.toThrow('1 of 1 mails are not delivered; 1 deferrals');
});

test('mails from before do not count', async () => {
  await expect(log.completions(['1vNOLD-000000000aa-1234'], 50)).rejects.toMatchObject({ code: 'bench.mail' });
});
