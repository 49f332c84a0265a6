import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPrivateKey, inspectRootfs } from './inspect.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hofje-inspect-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/passwd'), 'root:*:0:0::/root:/bin/sh\nnobody:*:65534:65534::/:/bin/false\n');
});
afterEach(() => rmSync(root, { recursive: true }));

async function violations(forbidden: readonly string[] = []): Promise<string[]> {
  const inspection = await inspectRootfs(root, { forbidden, users: ['declared'] });
  return inspection.violations.map(({ rule, path }) => `${rule} ${path}`);
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('an image is refused for', () => {
  it('nothing, when it is in order', async () => {
    symlinkSync('/no/where', join(root, 'etc/link'));
    expect(await violations(['usr/sbin/exim*'])).toEqual([]);
  });

  it('set-id files and folders', async () => {
    writeFileSync(join(root, 'su'), '');
    chmodSync(join(root, 'su'), 0o4755);
    mkdirSync(join(root, 'mail'));
    chmodSync(join(root, 'mail'), 0o2775);
    expect(await violations()).toEqual(['set-id mail', 'set-id su']);
  });

  it('owners that no container range holds', async () => {
    writeFileSync(join(root, 'file'), '');
    chownSync(join(root, 'file'), 0, 1000);
    expect(await violations()).toEqual(['foreign-owner file']);
  });

  it('a private key, wherever it lies', async () => {
    mkdirSync(join(root, 'usr'));
    writeFileSync(join(root, 'usr/README'), `Some text\n${PEM}`);
    expect(await violations()).toEqual(['private-key usr/README']);
  });

  it('a machine id with content, but not for an empty one', async () => {
    writeFileSync(join(root, 'etc/machine-id'), '');
    expect(await violations()).toEqual([]);
    writeFileSync(join(root, 'etc/machine-id'), '0123456789abcdef0123456789abcdef\n');
    expect(await violations()).toEqual(['machine-id etc/machine-id']);
  });

  it('users whose number was left to chance', async () => {
    writeFileSync(join(root, 'etc/passwd'), 'declared:*:200:200::/:/bin/sh\nchance:*:101:101::/:/bin/sh\n');
    expect(await violations()).toEqual(['undeclared-user etc/passwd']);
  });

  it('sockets', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    expect(await violations()).toEqual(['special-file socket']);
    server.close();
  });

  it('what its recipe forbids', async () => {
    mkdirSync(join(root, 'usr/sbin'), { recursive: true });
    writeFileSync(join(root, 'usr/sbin/exim4'), '');
    expect(await violations(['usr/sbin/exim*'])).toEqual(['forbidden usr/sbin/exim4']);
  });
});

describe('private keys', () => {
  it.each([
    ['PKCS #8', PEM],
    ['SEC 1', privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
    ['encrypted', generateEncrypted()],
    ['with Windows line ends', PEM.replaceAll('\n', '\r\n')],
    ['OpenSSH', `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXktdjEA'.repeat(4)}\n-----END`],
    ['PGP', `-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment: mine\n\n${'lQdGBF'.repeat(10)}\n-----END`],
  ])('%s are found', (_what, text) => {
    expect(findPrivateKey(Buffer.from(text))).not.toBeNull();
  });

  it('are not seen in a program that only knows the header, nor in a library that tests itself', () => {
    expect(findPrivateKey(Buffer.from('x-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----'))).toBeNull();
    expect(findPrivateKey(Buffer.concat([Buffer.from('\x7fELF'), Buffer.from(PEM)]))).toBeNull();
  });
});

function generateEncrypted(): string {
  const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return key.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString();
}
