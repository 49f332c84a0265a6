import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PemConverter, Pkcs10CertificateRequestGenerator, X509Certificate } from '@peculiar/x509';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
/** Renewed when this share of its life is over. */
const RENEW_AFTER = 2 / 3;

interface Keys {
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
}

/** Who the node is, all PEM. */
export interface Identity {
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

/**
 * The folder with the node's identity: `key.pem` and `cert.pem` (made at enrolment), `ca.pem` (the authority that the
 * control plane's certificate comes from; laid there by the platform before), `enrol-token` (until it was used). Root's
 * alone.
 */
export class IdentityFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined while the node is not enrolled. */
  async read(): Promise<Identity | undefined> {
    const [key, certificate, ca] = await Promise.all(['key.pem', 'cert.pem', 'ca.pem'].map((name) => this.#read(name)));
    if (key === undefined || certificate === undefined || ca === undefined) return undefined;
    return { key, certificate, ca };
  }

  /** What an enrolment needs. Throws `link.no-token` and `link.no-authority`. */
  async enrolment(): Promise<{ readonly token: string; readonly ca: string }> {
    const token = (await this.#read('enrol-token'))?.trim();
    if (token === undefined || token === '') {
      throw new HofjeError('link.no-token', 'This node is not enrolled and has no token to do so.', {
        hint: 'Give it a new token: `hofje up` does, or the API (nodes, enrolment).',
      });
    }
    const ca = await this.#read('ca.pem');
    if (ca === undefined) {
      // Without it anybody could pose as the control plane and take the token.
      throw new HofjeError('link.no-authority', 'This node does not know the authority of its control plane.', {
        hint: 'Put the certificate of the authority into identity/ca.pem in the folder of the node.',
      });
    }
    return { token, ca };
  }

  /** A request for a certificate of the node's key (PKCS #10, PEM); the key is made where there is none. */
  async signingRequest(): Promise<string> {
    const keys = await this.#keys();
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=node',
      keys,
      signingAlgorithm: SIGNATURE,
    });
    return request.toString('pem');
  }

  /** Stores what the control plane answered. The token is spent. */
  async store(certificate: string, ca: string): Promise<void> {
    await this.#write('ca.pem', ca);
    await this.#write('cert.pem', certificate);
    await rm(join(this.#folder, 'enrol-token'), { force: true });
  }

  async #keys(): Promise<Keys> {
    const pem = await this.#read('key.pem');
    if (pem !== undefined) return await importKeys(pem);
    const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
    const text = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
    await this.#write('key.pem', `${text}\n`);
    return keys;
  }

  async #read(name: string): Promise<string | undefined> {
    return await readFile(join(this.#folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  async #write(name: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await chmod(this.#folder, 0o700);
    await writeFileAtomically(join(this.#folder, name), text, { mode: 0o600 });
  }
}

/** When a certificate has to be renewed, milliseconds since 1970. */
export function renewalTime(certificatePem: string): number {
  const { notBefore, notAfter } = new X509Certificate(certificatePem);
  return notBefore.getTime() + (notAfter.getTime() - notBefore.getTime()) * RENEW_AFTER;
}

async function importKeys(pem: string): Promise<Keys> {
  const privateKey = await crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), CURVE, true, ['sign']);
  const { d: _secret, key_ops: _use, ...open } = await crypto.subtle.exportKey('jwk', privateKey);
  const publicKey = await crypto.subtle.importKey('jwk', { ...open, key_ops: ['verify'] }, CURVE, true, ['verify']);
  return { privateKey, publicKey };
}
