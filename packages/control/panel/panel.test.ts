import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGES } from '#contract/panel/pages.ts';
import { startTestControl, type TestControl } from '../testing/harness.ts';
import { readPanel } from './files.ts';
import { chooseForm } from './form.ts';
import { PAGE_POLICY } from './policy.ts';

const PAGE = '<!doctype html><title>Hofje</title>';
const SCRIPT = `export const text = '${'x'.repeat(2000)}';`;

let folder: string;
let control: TestControl;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-panel-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'assets', 'index-abc.js'), SCRIPT);
  writeFileSync(join(folder, 'assets', 'index-abc.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, 'assets', 'index-abc.js.gz'), gzipSync(SCRIPT));
  writeFileSync(join(folder, 'secret.txt'), 'not for anybody');
  control = await startTestControl({ config: { panelFolder: folder } });
});

afterAll(async () => {
  await control?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
  await control.send('GET', path, { token: null, headers });

describe('pages', () => {
  test.each(PAGES)('%s is answered with the panel, under its policy, to anybody', async (page) => {
    const answer = await get(page.replace(/:\w+/g, 'anything'));
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(PAGE);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('the policy runs nothing that a text on a page could bring', () => {
    expect(PAGE_POLICY).not.toMatch(/unsafe|\*|https?:/);
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"]) {
      expect(PAGE_POLICY.split('; ')).toContain(part);
    }
  });

  test('what was not changed is not sent again', async () => {
    const first = await get('/');
    const again = await get('/', { 'if-none-match': String(first.headers['etag']) });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect(again.headers['content-security-policy']).toBe(PAGE_POLICY);
  });

  test.each(['/nowhere', '/login/', '/login/x', '/index.html', '/panel', '/assets', '/assets/', '/favicon.ico'])(
    '%s is none, and answered as anything unknown',
    async (path) => {
      const answer = await get(path);
      expect(answer).toMatchObject({ status: 404, body: { code: 'request.not-found' } });
    },
  );

  test('an answer of the API keeps a policy of its own, under which nothing runs at all', async () => {
    const answer = await get('/v1/sites');
    expect(answer.status).toBe(401);
    expect(answer.headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
  });
});

describe('files', () => {
  test.each([
    ['br', 'gzip, deflate, br, zstd'],
    ['gzip', 'gzip, deflate'],
    ['gzip', 'gzip;q=0.5, br;q=0'],
    [undefined, 'identity'],
  ])('come as %s to who takes %s, for ever', async (encoding, accepted) => {
    const answer = await get('/assets/index-abc.js', { 'accept-encoding': accepted });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
  });

  test.each([
    '/assets/index-abc.js.br',
    '/assets/..%2fsecret.txt',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..%5csecret.txt',
    '/assets/index-abc.js%00',
    '/assets/__proto__',
    '/assets/constructor',
    '/assets/INDEX-ABC.JS',
  ])('%s leads to no file', async (path) => {
    const answer = await get(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('not for anybody');
  });
});

test('without a panel its addresses are unknown, and the API is served', async () => {
  const plain = await startTestControl();
  try {
    const answer = await plain.send('GET', '/login', { token: null });
    expect(answer).toMatchObject({ status: 404, body: { code: 'request.not-found' } });
    expect((await plain.send('GET', '/healthz', { token: null })).status).toBe(200);
  } finally {
    await plain.stop();
  }
});

test('a folder that holds no panel stops the start', async () => {
  await expect(readPanel('/nonexistent')).rejects.toMatchObject({ code: 'config.panel', field: 'panelFolder' });
});

describe('the form of a file', () => {
  const file = { type: 'x', etag: 'x', plain: Buffer.from('p'), br: Buffer.from('b'), gzip: Buffer.from('g') };

  test.each([
    ['br', 'b'],
    ['gzip, br', 'b'],
    ['gzip,br;q=1.0', 'b'],
    ['br;q=0, gzip', 'g'],
    ['br; q=0.000', 'p'],
    ['brr, xgzip', 'p'],
    ['', 'p'],
  ])('%j', (accepted, expected) => {
    expect(chooseForm(file, accepted).content.toString()).toBe(expected);
  });

  test('what was not made smaller goes as it is', () => {
    expect(chooseForm({ type: 'x', etag: 'x', plain: Buffer.from('p') }, 'br, gzip')).toEqual({
      content: Buffer.from('p'),
    });
  });
});
