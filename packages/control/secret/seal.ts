import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { HofjeError } from '#model/error.ts';

/** Encrypts what must not stand readable in the database or its dumps: TLS keys, remembered answers. */
export interface Seal {
  seal(plain: string): Buffer;
  open(sealed: Buffer): string;
}

const NONCE = 12;
const TAG = 16;
const ALGORITHM = 'aes-256-gcm';

/** A seal with this key (32 bytes). Random 96-bit nonces: good for 2^32 messages a key. */
export function makeSeal(key: Buffer): Seal {
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE), { authTagLength: TAG });
        decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
        return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new HofjeError('seal.broken', 'A stored secret cannot be opened with this key.', { cause });
      }
    },
  };
}
