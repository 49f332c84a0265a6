import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSite, getSite, putTls, removeTls } from '#contract/api/site.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { makeAuthority, makeLeaf } from './authority.ts';
import { isCovered } from './cover.ts';
import { openPki } from './pki.ts';
import { readTlsPair } from './tls-pair.ts';

const now = new Date();
const folder = mkdtempSync(join(tmpdir(), 'hofje-pki-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const authority = await makeAuthority('Some authority', now, Buffer.alloc(16, 3));
const leafFor = async (names: string[], days = 90, use: 'server' | 'client' = 'server', at = now) =>
  await makeLeaf(authority, { commonName: names[0] ?? '', names, use, days, now: at, serial: Buffer.alloc(16, 4) });

describe('the authorities', () => {
  test('several that open one folder at once have the same keys, readable by nobody else', async () => {
    const at = join(folder, 'pki');
    const opened = await Promise.all([1, 2, 3, 4].map(() => openPki(at, now)));
    expect(new Set(opened.map((pki) => pki.nodes.pem)).size).toBe(1);
    expect(new Set(opened.map((pki) => pki.sealKey.toString('hex'))).size).toBe(1);
    expect(statSync(at).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(at)) expect(statSync(join(at, file)).mode & 0o077, file).toBe(0);
    expect(readdirSync(at).sort()).toEqual([
      'ca.cert.pem',
      'ca.secret.pem',
      'seal.key',
      'site-ca.cert.pem',
      'site-ca.secret.pem',
    ]);
  });

  test('OpenSSL believes their certificates for what they are for, and for nothing else', async () => {
    const pki = await openPki(join(folder, 'pki'), now);
    const site = await pki.makeSite('shop.example', now);
    const server = await pki.makeServer(['localhost', '127.0.0.1'], now);
    writeFileSync(join(folder, 'site.pem'), site.chain);
    writeFileSync(join(folder, 'server.pem'), server.chain);
    const verify = (ca: string, purpose: string, file: string, ...more: string[]) => {
      try {
        execFileSync(
          'openssl',
          [
            'verify',
            '-x509_strict',
            '-CAfile',
            join(folder, 'pki', ca),
            '-purpose',
            purpose,
            ...more,
            join(folder, file),
          ],
          { stdio: 'pipe', env: {} },
        );
        return true;
      } catch {
        return false;
      }
    };
    expect(verify('site-ca.cert.pem', 'sslserver', 'site.pem', '-verify_hostname', 'shop.example')).toBe(true);
    expect(verify('site-ca.cert.pem', 'sslserver', 'site.pem', '-verify_hostname', 'other.example')).toBe(false);
    expect(verify('ca.cert.pem', 'sslserver', 'server.pem', '-verify_ip', '127.0.0.1')).toBe(true);
    expect(verify('ca.cert.pem', 'sslclient', 'server.pem')).toBe(false);
    expect(verify('ca.cert.pem', 'sslserver', 'site.pem')).toBe(false);
    expect(createPrivateKey(site.key).asymmetricKeyType).toBe('ec');
  });
});

describe('a customer’s certificate', () => {
  const code = (work: () => unknown) => {
    try {
      work();
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test('that fits is stored as understood, whatever stands around it', async () => {
    const leaf = await leafFor(['Shop.example', '*.shop.example']);
    const pair = readTlsPair(`noise\n${leaf.chain}more\n${authority.pem}\0<script>`, `${leaf.key}\n`, now);
    expect(pair.names).toEqual(['shop.example', '*.shop.example']);
    expect(pair.chain).toBe(new X509Certificate(leaf.chain).toString() + new X509Certificate(authority.pem).toString());
    expect(pair.key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  test('with another key, without a certificate, with an authority first, or out of order is refused', async () => {
    const leaf = await leafFor(['shop.example']);
    const other = await leafFor(['shop.example']);
    expect(code(() => readTlsPair(leaf.chain, other.key, now))).toBe('tls.mismatch');
    expect(code(() => readTlsPair('no certificate', leaf.key, now))).toBe('tls.invalid');
    expect(code(() => readTlsPair(leaf.chain.replace(/[A-Z]{5}/, 'AAAAA'), leaf.key, now))).toMatch(/^tls\./);
    expect(code(() => readTlsPair(leaf.chain, 'no key', now))).toBe('tls.invalid');
    const stranger = await makeAuthority('Somebody else', now, Buffer.alloc(16, 5));
    expect(code(() => readTlsPair(leaf.chain + stranger.pem, leaf.key, now))).toBe('tls.invalid');
  });

  test('that is over, or not yet valid, is refused', async () => {
    const leaf = await leafFor(['shop.example'], 10);
    expect(code(() => readTlsPair(leaf.chain, leaf.key, new Date(now.getTime() + 11 * 86_400_000)))).toBe(
      'tls.expired',
    );
    expect(code(() => readTlsPair(leaf.chain, leaf.key, new Date(now.getTime() - 86_400_000)))).toBe('tls.expired');
  });

  test('with a weak or encrypted key is refused, and the key is not repeated', async () => {
    const leaf = await leafFor(['shop.example']);
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    for (const key of [weak, locked]) {
      expect(() => readTlsPair(leaf.chain, key, now)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^tls\./), field: 'key' }),
      );
      expect(() => readTlsPair(leaf.chain, key, now)).not.toThrow(key.slice(40, 80));
    }
  });

  test.each([
    ['shop.example', ['shop.example'], true],
    ['www.shop.example', ['*.shop.example'], true],
    ['shop.example', ['*.shop.example'], false],
    ['a.b.shop.example', ['*.shop.example'], false],
    ['shop.example', ['*.example'], false],
    ['evilshop.example', ['shop.example'], false],
  ])('%s with %j: %s', (host, names, covered) => {
    expect(isCovered(host, names)).toBe(covered);
  });
});

describe('through the API', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld();
    const body = {
      domain: 'shop.example',
      account: 'alice',
      aliases: ['www.shop.example'],
      overrideReason: 'made in a test',
    };
    await world.control.call(createSite, { body });
  });
  afterAll(async () => {
    await world?.stop();
  });
  const params = { site: 'shop.example' };

  test('it is used for what it covers, and given up again', async () => {
    const leaf = await leafFor(['shop.example']);
    const put = await world.control.call(putTls, { params, body: { chain: leaf.chain, key: leaf.key } });
    expect(put.hosts.map((host) => host.certificate)).toEqual(['customer', 'own-authority']);
    const hosts = (await world.agent.desired()).sites[0]?.hosts ?? [];
    expect(hosts.find((host) => host.name === 'shop.example')?.certificate.chain).toBe(
      new X509Certificate(leaf.chain).toString(),
    );
    expect(hosts.find((host) => host.name === 'www.shop.example')?.certificate.chain).not.toContain(
      leaf.chain.slice(30, 60),
    );
    const removed = await world.control.call(removeTls, { params });
    expect(removed.hosts.map((host) => host.certificate)).toEqual(['own-authority', 'own-authority']);
  });

  test('one for another name is refused, and a key is in no answer, log or table as it is', async () => {
    const leaf = await leafFor(['other.example']);
    const body = { chain: leaf.chain, key: leaf.key };
    expect(await world.control.problem(putTls, { params, body })).toMatchObject({
      code: 'tls.name-not-covered',
      field: 'chain',
    });
    const right = await leafFor(['shop.example']);
    await world.control.call(putTls, { params, body: { chain: right.chain, key: right.key } });
    expect(JSON.stringify(await world.control.call(getSite, { params }))).not.toContain('PRIVATE');
    expect(world.control.logged.join('')).not.toContain('PRIVATE');
    const { tls_key } = await world.control.control.context.db
      .selectFrom('site')
      .select('tls_key')
      .executeTakeFirstOrThrow();
    expect(tls_key?.includes('PRIVATE')).toBe(false);
  });
});
