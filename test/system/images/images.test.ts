import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '#host/run.ts';
import { type BuiltImage, buildImages } from '#images/build.ts';
import { environmentOptions } from '#images/environment.ts';
import { imageFolders } from '#images/folders.ts';
import { listImages } from '#images/list.ts';
import { IMAGE_KINDS } from '#images/recipes/index.ts';
import type { Facts, FactsInput } from './facts-main.ts';
import { NODE_ADDRESS, SITE_UID } from './site-container.ts';

const settings = environmentOptions(process.env);
let folder: string;
let images: Record<string, BuiltImage>;
let facts: Facts;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hofje-images-'));
  images = await buildImages({ ...settings, kinds: IMAGE_KINDS });
  const input: FactsInput = {
    folder,
    layout: imageFolders(settings.cache).layout,
    images: Object.fromEntries(Object.entries(images).map(([kind, { digest }]) => [kind, digest])),
  };
  const program = new URL('./facts-main.ts', import.meta.url).pathname;
  const namespaces = ['--mount', '--propagation=private', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const { stdout } = await run(
    ['unshare', ...namespaces, '--', process.execPath, program, 'facts', JSON.stringify(input)],
    { timeoutMs: 180_000 },
  );
  facts = JSON.parse(stdout) as Facts;
});
afterAll(async () => await rm(folder, { recursive: true }));

describe('building', () => {
  it('takes a moment when nothing has changed, and gives the same', async () => {
    const again = await buildImages({ ...settings, kinds: IMAGE_KINDS });
    for (const kind of IMAGE_KINDS) {
      expect(again[kind]?.digest).toBe(images[kind]?.digest);
      expect(again[kind]?.seconds).toBeLessThan(5);
    }
  });

  it('records the exact version of every package next to the image', async () => {
    const listed = await listImages(settings.cache);
    for (const kind of IMAGE_KINDS) {
      const lines = images[kind]?.lock.trim().split('\n') ?? [];
      for (const line of lines) expect(line).toMatch(/^[a-z0-9.+-]+=[^=\s]+=(amd64|arm64|all)$/);
      expect(listed.find(({ digest }) => digest === images[kind]?.digest)?.packages).toBe(lines.length);
    }
    expect(images['site-php8.2']?.lock).toMatch(/^php8\.2-fpm=/m);
    expect(images['site-php8.2']?.lock).not.toMatch(/^exim/m);
  });
});

describe('unpacking', () => {
  it.each(IMAGE_KINDS)('%s: once, read-only, owners in its range, nothing special', (kind) => {
    expect(facts.unpack.kinds[kind]).toMatchObject({
      first: { created: true },
      second: { created: false },
      readOnly: 'ro=true',
      strange: [],
    });
  });

  it('leaves nothing but the images', () => {
    expect([...facts.unpack.names].sort()).toEqual([...IMAGE_KINDS].sort());
  });

  it('killed in the middle leaves nothing under the final name, and the next call repairs', () => {
    expect(facts.unpack.crash.killed).toEqual([expect.stringMatching(/^crashed\.partial-/)]);
    expect(facts.unpack.crash.repaired).toEqual(['crashed']);
  });

  it('refuses a layer whose bytes are not those of its name', () => {
    expect(facts.unpack.crash).toMatchObject({ refused: ['image.corrupt', 'image.corrupt'], left: [] });
  });
});

describe('a site in its container', () => {
  it('runs as its one user only and welcomes from an empty home', () => {
    expect(facts.site.fresh.owners).toEqual([SITE_UID]);
    expect(facts.site.fresh.welcome).toMatchObject({
      status: 200,
      body: expect.stringContaining('This site is ready'),
    });
  });

  it('tells only the node that it is ready, and writes no error while it starts', () => {
    expect(facts.site.fresh).toMatchObject({
      readyForNode: { status: 200, body: 'ready' },
      readyWithoutHeader: 404,
      readyForStranger: 404,
    });
    expect(facts.site.fresh.errorLog).not.toContain('error]');
    expect(facts.site.serving.ownReady).toBe('mine');
  });

  it('believes the edge about visitor and scheme, and nobody else', () => {
    const { edge, stranger } = facts.site.serving;
    expect(edge.server).toEqual({
      REMOTE_ADDR: '203.0.113.7',
      HTTPS: 'on',
      SERVER_PORT: '443',
      REQUEST_SCHEME: 'https',
      HTTP_AUTHORIZATION: 'Bearer x',
    });
    expect(stranger.server).toMatchObject({ REMOTE_ADDR: '127.0.0.1', SERVER_PORT: '80' });
    expect(stranger.server).not.toHaveProperty('HTTPS');
    expect(facts.site.serving.post.server.REMOTE_ADDR).toBe(NODE_ADDRESS);
  });

  it("has WordPress's extensions, writes only where it may, and takes a large body", () => {
    const { edge, post } = facts.site.serving;
    expect(edge).toMatchObject({ uid: 1000, missing: [], writable: ['/home/site', '/tmp', '/run/site'] });
    expect(post.posted).toBe(20_000_000);
  });

  it('obeys .htaccess and does not show it', () => {
    expect(facts.site.serving).toMatchObject({ pretty: 200, closed: 403, htaccess: 403, missing: 404 });
  });

  it('has the tools that customers expect', () => {
    expect(facts.site.serving.shell).toMatchObject({
      code: 0,
      output: expect.stringContaining('1000\ncli/usr/bin/unzip'),
    });
    expect(facts.site.serving.shell.output).toContain('/sendmail');
  });

  it('sends through its socket, and is told to try again when nobody listens', () => {
    const { mail } = facts.site;
    expect(mail).toMatchObject({ closed: 75, php: 'bool(true)', command: 0 });
    expect(mail.received).toMatchObject([
      { from: 'bounce@example.test', to: ['to@example.org'], text: expect.stringContaining('Subject: Hello') },
      {
        from: 'site@example.test',
        to: ['b@example.org', 'c@example.org'],
        text: expect.stringContaining('line\r\n.\r\nend'),
      },
    ]);
  });

  it('asks no resolver to send a mail', () => {
    expect(facts.site.mail.lookups).toBe(0);
  });

  it('starts whatever the customer did to its folders', () => {
    expect(facts.site.spoiled).toBe(200);
  });

  it('starts and ends quickly', () => {
    console.log(
      'ready after',
      facts.site.starts.map(Math.round),
      'ms, ended after',
      facts.site.stops.map(Math.round),
      'ms',
    );
    expect(Math.min(...facts.site.starts)).toBeLessThan(1000);
    expect(Math.min(...facts.site.stops)).toBeLessThan(1000);
  });
});

it('nothing of a build stays mounted or running', async () => {
  const { stdout } = await run(['findmnt', '--list', '--noheadings', '--output', 'TARGET']);
  expect(stdout.split('\n').filter((target) => target.startsWith(settings.cache) || target.startsWith(folder))).toEqual(
    [],
  );
});
