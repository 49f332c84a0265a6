import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { HofjeError } from '#model/error.ts';

/** A customer's certificate chain and key, checked and in one form. */
export interface TlsPair {
  /** PEM, the site's own certificate first. */
  readonly chain: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** Names that it is good for, lower case; wildcards as they are. */
  readonly names: readonly string[];
  readonly notAfter: Date;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const CHAIN_MAX = 10;

/**
 * Checks that the key is the certificate's, that the chain is one, and that it is valid now. What is stored is written
 * anew from what was understood: nothing else of the text reaches the edge. Throws `tls.invalid`, `tls.mismatch`,
 * `tls.expired`.
 */
export function readTlsPair(chainText: string, keyText: string, now: Date): TlsPair {
  const chain = readChain(chainText);
  const [leaf] = chain;
  if (leaf === undefined) throw new HofjeError('tls.invalid', 'There is no PEM certificate in it.', { field: 'chain' });
  const key = readKey(keyText);
  if (!leaf.checkPrivateKey(key)) {
    throw new HofjeError('tls.mismatch', 'The key is not that of the first certificate.', { field: 'key' });
  }
  checkOrder(chain);
  if (leaf.validToDate <= now || leaf.validFromDate > now) {
    throw new HofjeError('tls.expired', `The certificate is valid from ${leaf.validFrom} to ${leaf.validTo}.`, {
      field: 'chain',
    });
  }
  if (leaf.ca)
    throw new HofjeError('tls.invalid', 'The first certificate is that of an authority.', { field: 'chain' });
  return {
    chain: chain.map((certificate) => certificate.toString()).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    names: dnsNames(leaf),
    notAfter: leaf.validToDate,
  };
}

function readChain(text: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length > CHAIN_MAX)
    throw new HofjeError('tls.invalid', `A chain has at most ${CHAIN_MAX} certificates.`, { field: 'chain' });
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new HofjeError('tls.invalid', 'One of the certificates cannot be read.', { field: 'chain', cause });
  }
}

function readKey(text: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: 'pem' });
  } catch {
    // Not passed on as the cause: it may quote the text.
    throw new HofjeError('tls.invalid', 'The key is no PEM private key, or it is encrypted.', { field: 'key' });
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const strong =
    key.asymmetricKeyType === 'rsa'
      ? (modulusLength ?? 0) >= 2048 && (modulusLength ?? 0) <= 8192
      : key.asymmetricKeyType === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve ?? '');
  if (!strong) {
    throw new HofjeError(
      'tls.invalid',
      'The key is neither RSA of 2048 to 8192 bits nor ECDSA on P-256, P-384 or P-521.',
      { field: 'key' },
    );
  }
  return key;
}

function checkOrder(chain: readonly X509Certificate[]): void {
  chain.slice(1).forEach((issuer, index) => {
    const issued = chain[index];
    if (issued === undefined || !issued.checkIssued(issuer) || !issued.verify(issuer.publicKey)) {
      throw new HofjeError('tls.invalid', `Certificate ${index + 2} did not issue the one before it.`, {
        field: 'chain',
      });
    }
  });
}

/** DNS names of the subject alternative names; the common name counts no more (RFC 9525). */
function dnsNames(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length).toLowerCase())
    .filter((name) => /^(\*\.)?[a-z0-9.-]+$/.test(name));
}
