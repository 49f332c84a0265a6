import { crc32 } from 'node:zlib';

/**
 * A personal API token: `hofje_`, 34 random characters of base 62 (202 bits) and a checksum of six, as scanners of source
 * code look for. The checksum proves nothing; it tells a typing error or a find of chance from a token without asking anybody.
 */
const TOKEN_PREFIX = 'hofje_';

const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 34;
const CHECKSUM_LENGTH = 6;
const FORM = /^hofje_[0-9A-Za-z]{40}$/;

export function makeToken(random: (bytes: number) => Buffer): string {
  let secret = '';
  while (secret.length < SECRET_LENGTH) {
    for (const byte of random(SECRET_LENGTH)) {
      // Bytes past the last whole multiple would favour the first signs.
      if (byte < 248 && secret.length < SECRET_LENGTH) secret += SIGNS.charAt(byte % SIGNS.length);
    }
  }
  return TOKEN_PREFIX + secret + checksum(secret);
}

/** Whether a text may be a token of ours at all. */
export function isTokenText(text: string): boolean {
  if (!FORM.test(text)) return false;
  const secret = text.slice(TOKEN_PREFIX.length, -CHECKSUM_LENGTH);
  return checksum(secret) === text.slice(-CHECKSUM_LENGTH);
}

/** CRC-32 in base 62, most significant first: 62^6 is more than 2^32. */
function checksum(secret: string): string {
  let rest = crc32(secret);
  let text = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    text = SIGNS.charAt(rest % SIGNS.length) + text;
    rest = Math.floor(rest / SIGNS.length);
  }
  return text;
}
