import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '#host/run.ts';
import { visit } from '#platform/demo/web.ts';
import { findLeftovers } from '#platform/down/leftovers.ts';
import { readInstallation } from '#platform/state/installation.ts';
import type { Status } from '#platform/status.ts';
import { ROOT } from '#test/architecture/sources.ts';
import { makeCertificate } from '#test/support/certificate.ts';
import { hofje, hofjeJson } from '../platform/command.ts';
import { eventually, freshState, purge } from '../platform/stage.ts';
import { visitSite } from './page.ts';
import { openWhole, type Whole } from './stage.ts';

const SITE = 'bakery.example';

let whole: Whole;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hofje-commands-'));
  whole = await openWhole();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await whole?.close();
});

/** What a command says; it must do what it was told. */
async function says(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hofje(whole.folders, ...args);
  expect(code, `hofje ${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  return await hofjeJson<Record<string, unknown>>(whole.folders, ...args);
}

async function page(path = '/'): Promise<string> {
  const { body } = await visitSite(whole, SITE, path);
  return body.toString('utf8');
}

describe('what the README shows', () => {
  test('an account, a site, and what lies in it', async () => {
    expect(await says('account', 'create', 'bakery', '--email', 'owner@bakery.example')).toMatch(/^name +bakery$/m);
    expect(await says('site', 'create', SITE, '--account', 'bakery')).toMatch(/^site +bakery\.example$/m);
    expect((await visitSite(whole, SITE)).status).toBe(200);
  });

  test('an upload, as zip and as tar.gz', async () => {
    const website = join(folder, 'website');
    await mkdir(website);
    await writeFile(join(website, 'index.php'), "<?php echo 'baked by PHP ' . PHP_MAJOR_VERSION;");
    const [zip, tar] = [join(folder, 'website.zip'), join(folder, 'tools.tar.gz')];
    await run(['zip', '--quiet', '--recurse-paths', zip, '.'], { cwd: website });
    expect(await says('site', 'upload', SITE, zip)).toMatch(/\d+ bytes unpacked/);
    expect(await page('/index.php')).toBe('baked by PHP 8');
    await run(['tar', '--create', '--gzip', '--file', tar, '--directory', website, '.']);
    expect(await json('site', 'upload', SITE, tar, '--to', 'bin')).toMatchObject({ site: SITE });
    expect(await says('site', 'exec', SITE, '--', 'ls', 'bin')).toBe('index.php\n');
  });

  test('a mailbox and forwarders', async () => {
    expect(await says('mailbox', 'create', `info@${SITE}`)).toMatch(/^password +\S{12,} +\(shown this once\)$/m);
    expect(await json('mailbox', 'password', `info@${SITE}`)).toHaveProperty('password');
    await says('forwarder', 'create', `tickets@${SITE}`, '--pipe', 'php bin/ticket.php --queue new');
    await says('forwarder', 'create', `hello@${SITE}`, '--to', `info@${SITE}`);
    expect(await says('mailbox', 'list')).toContain(`info@${SITE}`);
    expect(await says('forwarder', 'list')).toContain('["php","bin/ticket.php","--queue","new"]');
    expect((await json('forwarder', 'list'))['items']).toHaveLength(2);
    await says('mailbox', 'delete', `info@${SITE}`);
    await says('forwarder', 'delete', `hello@${SITE}`);
  });

  test('programs inside, with their streams and exit codes', async () => {
    expect(await says('site', 'exec', SITE, '--', 'php', '-v')).toMatch(/^PHP 8\.2/);
    for (const [argv, code] of [
      [['sh', '-c', 'exit 75'], 75],
      [['sh', '-c', 'kill -9 $$'], 137],
      [['no-such-program'], 127],
    ] as const) {
      expect((await hofje(whole.folders, 'site', 'exec', SITE, '--', ...argv)).code, argv.join(' ')).toBe(code);
    }
    const { outcome, stdout } = await json('site', 'exec', SITE, '--', 'printf', '%s|', '--json', '$HOME', 'a b');
    expect([outcome, stdout]).toEqual([{ kind: 'exited', status: 0 }, '--json|$HOME|a b|']);
  });

  test('probes, which find nothing open', async () => {
    expect(await says('probe', 'run', '--site', SITE, '--door', 'exec')).toMatch(/Nothing is open\.\n$/);
  });

  test('the state of things', async () => {
    expect(await says('status')).toMatch(/^The platform is up\.$/m);
    expect(await json('status')).toMatchObject({
      state: 'up',
      endpoints: whole.endpoints,
      nodes: [{ name: 'node1', health: 'ok' }],
      sites: [{ name: SITE, state: 'running' }],
    });
    expect(await says('queue', 'list')).toBe('Nothing waits.\n');
    expect(await says('node', 'show', 'node1')).toMatch(/^health +ok$/m);
  });
});

test('the names of a site and their certificates', async () => {
  expect(await says('site', 'alias', SITE, 'bread.example')).toMatch(
    /^host +bread\.example \(alias, own-authority\)$/m,
  );
  expect((await visitSite(whole, 'bread.example', '/index.php')).body.toString()).toBe('baked by PHP 8');
  const { chain, key } = await makeCertificate(SITE);
  const [cert, secret] = [join(folder, 'chain.pem'), join(folder, 'key.pem')];
  await Promise.all([writeFile(cert, chain), writeFile(secret, key)]);
  await says('site', 'tls', SITE, '--cert', cert, '--key', secret);
  expect((await visit(whole.endpoints.https, SITE, '/index.php', { ca: chain })).status).toBe(200);
  await says('site', 'tls', SITE, '--remove');
  await says('site', 'alias', SITE, 'bread.example', '--remove');
  expect((await visit(whole.endpoints.https, 'bread.example')).status).toBe(421);
  expect(await page('/index.php')).toBe('baked by PHP 8');
});

test('domains, logs, and the life of a site', async () => {
  const claimed = await json('domain', 'add', 'cakes.example', '--account', 'bakery');
  expect(claimed).toMatchObject({ name: 'cakes.example' });
  expect(await says('domain', 'override', 'cakes.example', '--reason', 'contract 4711')).toContain('contract 4711');
  expect(await says('domain', 'list')).toContain('cakes.example');
  await says('domain', 'remove', 'cakes.example');
  await eventually('the request in the log', async () =>
    (await says('site', 'logs', SITE)).includes('GET /index.php') ? true : undefined,
  );
  expect((await json('site', 'suspend', SITE))['state']).toBe('suspended');
  expect((await visitSite(whole, SITE)).status).toBe(503);
  await says('site', 'resume', SITE);
  await says('site', 'delete', SITE);
  expect((await visit(whole.endpoints.https, SITE)).status).toBe(421);
  expect(await says('site', 'list', '--deleted')).toContain(SITE);
  await says('site', 'restore', SITE);
  expect(await page('/index.php')).toBe('baked by PHP 8');
});

test.each([
  [['site', 'show', 'nobody.example'], 1, 'site.not-found'],
  [['site', 'create', 'no_name', '--account', 'bakery'], 1, 'domain.invalid'],
  [['site', 'create', 'new.example', '--account', 'nobody'], 1, 'account.not-found'],
  [['site', 'create'], 64, 'usage.missingMandatoryOptionValue'],
  [['site', 'upload', SITE, '/nowhere.zip'], 64, 'usage.file'],
  [['mailbox', 'create', 'x@nobody.example'], 1, 'domain.not-found'],
  [['forwarder', 'create', `x@${SITE}`, '--pipe', "'not ended"], 1, 'pipe.invalid'],
  [['site', 'exec', 'nobody.example', '--', 'true'], 1, 'site.not-found'],
  [['site', 'tls', SITE], 64, 'usage.tls'],
  [['nonsense'], 64, 'usage.unknownCommand'],
] as const)('%j says in a sentence what is wrong', async (args, code, kind) => {
  const plain = await hofje(whole.folders, ...args);
  expect([plain.code, plain.stdout]).toEqual([code, '']);
  expect(plain.stderr).toMatch(/^hofje: \S.*\n/);
  expect(plain.stderr).not.toMatch(/\n +at |internal error|\.ts:/);
  const asked = await hofje(whole.folders, '--json', ...args);
  expect(asked.code).toBe(code);
  const { error } = JSON.parse(asked.stdout) as { error: { code: string; message: string } };
  expect(error.code).toBe(kind);
  expect(error.message).not.toBe('');
});

test('a second platform beside the first: neither notices the other', async () => {
  const second = freshState();
  try {
    // By the entry script, as people do.
    const script = spawn(join(ROOT, 'hofje'), ['up', '--json'], {
      env: { ...process.env, HOFJE_STATE: second.root },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [said, complained] = [text(script.stdout), text(script.stderr)];
    const [code] = await once(script, 'exit');
    expect(code, await complained).toBe(0);
    const { endpoints } = JSON.parse(await said) as Status;
    await hofjeJson(second, 'account', 'create', 'bakery', '--email', 'owner@bakery.example');
    await hofjeJson(second, 'site', 'create', SITE, '--account', 'bakery');
    const there = await visit(endpoints?.https ?? '', SITE);
    expect(there.status).toBe(200);
    expect(there.body.toString()).not.toBe('baked by PHP 8');
    expect(await page('/index.php')).toBe('baked by PHP 8');
    for (const folders of [second, whole.folders]) {
      expect((await hofjeJson<Status>(folders, 'status')).sites).toHaveLength(1);
    }
    const slot = (await readInstallation(second))?.slot;
    expect((await hofje(second, 'down', '--purge')).code).toBe(0);
    expect(await findLeftovers(second, slot)).toEqual([]);
    expect(await readdir('/tmp')).not.toContain(second.root.slice('/tmp/'.length));
  } finally {
    await purge(second);
  }
  expect(await page('/index.php')).toBe('baked by PHP 8');
  expect((await hofjeJson<Status>(whole.folders, 'status')).state).toBe('up');
}, 300_000);
