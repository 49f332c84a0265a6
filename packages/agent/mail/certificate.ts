import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** PEM chain, leaf first, and PEM key (PKCS #8). */
export interface TlsPair {
  readonly chain: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3600 * 1000;
const VALID_DAYS = 3650;

/** What the mail server shows until it is given a certificate that somebody vouches for: mail is encrypted all the same. */
export async function makeSelfSigned(hostName: string): Promise<TlsPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [hostName] }],
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: hostName }])],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { chain: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}
