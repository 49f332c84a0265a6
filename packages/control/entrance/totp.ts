import { createHmac, timingSafeEqual } from 'node:crypto';

/** Time-based one-time passwords as authenticator apps make them: RFC 6238 with SHA-1, 30 seconds and six digits. */

const STEP_MS = 30_000;
const DIGITS = 6;
/** Steps before and after the present one that count: clocks differ, and people type slowly (RFC 6238, 5.2). */
const DRIFT = 1;
/** RFC 4226, 4: at least 128 bits, 160 recommended. */
export const TOTP_SECRET_BYTES = 20;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function totpStep(now: Date): number {
  return Math.floor(now.getTime() / STEP_MS);
}

/** The six digits of one step (RFC 4226, 5.3, with the step as its counter). */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, '0');
}

/**
 * The step whose code this is, or undefined. A step up to `lastStep` is spent: whoever saw a code being typed cannot use it
 * again, nor one that is older. Takes the same time for every wrong code.
 */
export function acceptedStep(secret: Buffer, typed: string, now: Date, lastStep: number | null): number | undefined {
  const code = typed.replace(/\s/g, '');
  if (!/^\d{6}$/.test(code)) return undefined;
  const present = totpStep(now);
  let accepted: number | undefined;
  for (let step = present - DRIFT; step <= present + DRIFT; step += 1) {
    const right = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code));
    if (right && (lastStep === null || step > lastStep)) accepted = step;
  }
  return accepted;
}

/** What an authenticator app reads from a QR code (the key URI format that all of them know). */
export function totpUri(issuer: string, owner: string, secret: Buffer): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(owner)}`;
  const query = new URLSearchParams({ secret: base32(secret), issuer, algorithm: 'SHA1', digits: '6', period: '30' });
  // Apps read a plus sign as itself.
  return `otpauth://totp/${label}?${query.toString().replaceAll('+', '%20')}`;
}

/** RFC 4648, 6, without padding: what apps take when the secret is typed. */
export function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt((value >>> bits) & 31);
    }
  }
  return bits === 0 ? text : text + BASE32.charAt((value << (5 - bits)) & 31);
}
