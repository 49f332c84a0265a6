import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, exportKey, type KeyPairPem, loadAuthority, makeAuthority, makeLeaf } from './authority.ts';

const SERVER_DAYS = 90;
const SITE_DAYS = 365;

/** The platform's two authorities: one for its own parts, one for sites that have no certificate of their own. */
export interface Pki {
  /** Signs the API's certificate and those of nodes; PEM is what agents and the CLI trust. */
  readonly nodes: Authority;
  /** Signs host names of sites. Apart, so that trusting it trusts no node. */
  readonly sites: Authority;
  /** 32 bytes, for the seal of stored secrets. */
  readonly sealKey: Buffer;
  makeServer(names: readonly string[], now: Date): Promise<KeyPairPem>;
  makeSite(name: string, now: Date): Promise<KeyPairPem>;
}

/**
 * Opens the folder (0700), making what is missing: `ca.secret.pem` and `ca.cert.pem` (what others trust), the same of
 * `site-ca`, and `seal.key`. Several processes that begin at once end with the same files.
 */
export async function openPki(folder: string, now: Date): Promise<Pki> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const nodes = await openAuthority(folder, 'ca', 'Hofje platform authority', now);
  const sites = await openAuthority(folder, 'site-ca', 'Hofje site authority', now);
  const sealPath = join(folder, 'seal.key');
  if (!existsSync(sealPath)) writeOnce(sealPath, randomBytes(32));
  return {
    nodes,
    sites,
    sealKey: readFileSync(sealPath),
    makeServer: async (names, at) => await makeLeaf(nodes, leafFor('hofje', names, SERVER_DAYS, at)),
    makeSite: async (name, at) => await makeLeaf(sites, leafFor(name, [name], SITE_DAYS, at)),
  };
}

function leafFor(commonName: string, names: readonly string[], days: number, now: Date) {
  return { commonName, names, use: 'server', days, now, serial: randomBytes(16) } as const;
}

async function openAuthority(folder: string, name: string, commonName: string, now: Date): Promise<Authority> {
  const secretPath = join(folder, `${name}.secret.pem`);
  if (!existsSync(secretPath)) {
    const made = await makeAuthority(commonName, now, randomBytes(16));
    // Key and certificate in one file, so that of two processes one has made both.
    writeOnce(secretPath, `${made.pem}${await exportKey(made.key)}`);
  }
  const both = readFileSync(secretPath, 'utf8');
  const split = both.indexOf('-----BEGIN PRIVATE KEY-----');
  const authority = await loadAuthority(both.slice(0, split), both.slice(split));
  writeOnce(join(folder, `${name}.cert.pem`), authority.pem);
  return authority;
}

/** Writes a whole file or none, and never over an existing one. */
function writeOnce(path: string, content: string | Buffer): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, content, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(temporary);
  }
}
