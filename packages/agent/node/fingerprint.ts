import { createHash } from 'node:crypto';

/** Tells whether two wishes are the same without keeping them (they hold keys). Field order matters, as it is sent. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

/** The same for an object that never changes, worked out once for each: decisions are made often, wishes change rarely. */
export function rememberedFingerprint<T extends object>(of: (object: T) => unknown): (object: T) => string {
  const known = new WeakMap<T, string>();
  return (object) => {
    const found = known.get(object);
    if (found !== undefined) return found;
    const made = fingerprint(of(object));
    known.set(object, made);
    return made;
  };
}
