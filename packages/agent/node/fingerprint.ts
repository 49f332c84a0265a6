import { createHash } from 'node:crypto';

/** Tells whether two wishes are the same without keeping them (they hold keys). Field order matters, as it is sent. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
