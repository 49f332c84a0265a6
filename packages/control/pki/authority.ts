import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

type CryptoKey = webcrypto.CryptoKey;

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Clocks of the machines may differ by this much. */
const BACKDATED_MS = 3600_000;

/** A certificate authority of the platform: its key and its own certificate. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly key: CryptoKey;
}

/** A certificate with its private key, both PEM (PKCS #8). */
export interface KeyPairPem {
  readonly chain: string;
  readonly key: string;
  readonly notAfter: Date;
}

export interface LeafRequest {
  readonly commonName: string;
  readonly names: readonly string[];
  readonly use: 'server' | 'client';
  readonly days: number;
  readonly now: Date;
  /** 16 random bytes. */
  readonly serial: Buffer;
}

export async function makeAuthority(commonName: string, now: Date, serial: Buffer): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    serialNumber: serialText(serial),
    signingAlgorithm: SIGNATURE,
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, pem: `${certificate.toString('pem')}\n`, key: keys.privateKey };
}

export async function loadAuthority(certificatePem: string, keyPem: string): Promise<Authority> {
  const key = await crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(keyPem), CURVE, true, ['sign']);
  const certificate = new X509Certificate(certificatePem);
  return { certificate, pem: `${certificate.toString('pem')}\n`, key };
}

/** Signs a certificate for somebody else's key. */
export async function signLeaf(
  authority: Authority,
  key: PublicKey | CryptoKey,
  request: LeafRequest,
): Promise<X509Certificate> {
  return await X509CertificateGenerator.create({
    subject: [{ CN: [request.commonName.slice(0, 64)] }],
    issuer: authority.certificate.subjectName,
    signingKey: authority.key,
    signingAlgorithm: SIGNATURE,
    publicKey: key,
    serialNumber: serialText(request.serial),
    notBefore: new Date(request.now.getTime() - BACKDATED_MS),
    notAfter: new Date(request.now.getTime() + request.days * DAY_MS),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([
        request.use === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
      ]),
      new SubjectAlternativeNameExtension(request.names.map(generalName)),
      await AuthorityKeyIdentifierExtension.create(authority.certificate),
      await SubjectKeyIdentifierExtension.create(key),
    ],
  });
}

/** Makes a key and a certificate for it. */
export async function makeLeaf(authority: Authority, request: LeafRequest): Promise<KeyPairPem> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const certificate = await signLeaf(authority, keys.publicKey, request);
  return {
    chain: `${certificate.toString('pem')}\n`,
    key: await exportKey(keys.privateKey),
    notAfter: certificate.notAfter,
  };
}

export async function exportKey(key: CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function generalName(name: string): JsonGeneralName {
  if (name.startsWith('urn:')) return { type: 'url', value: name };
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

/** Positive and without a leading zero byte, so that every side writes it the same. */
export function serialText(random: Buffer): string {
  const bytes = Buffer.from(random.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('hex');
}
