import { createHash } from 'node:crypto';
import type { ImageDigest } from '#model/node/desired.ts';

export function sha256(data: string | Uint8Array): ImageDigest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** JSON with sorted keys: equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
