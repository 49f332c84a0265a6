/** What became of the wish to have a site awake. */
export type Awakening =
  | { readonly awake: true }
  | {
      readonly awake: false;
      readonly because: 'suspended' | 'cannot-start' | 'no-room';
      /** For the owner: neutral. */
      readonly reason: string;
      readonly retryAfterSeconds: number;
    };
export type NotAwake = Extract<Awakening, { readonly awake: false }>;

/** `retryAfterMs` in milliseconds; told in whole seconds, one at least. */
export function notAwake(because: NotAwake['because'], reason: string, retryAfterMs: number): NotAwake {
  return { awake: false, because, reason, retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) };
}
