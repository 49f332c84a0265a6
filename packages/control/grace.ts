import type { Context } from './context.ts';

/** When something is deleted now, and when its data goes for good. */
export function graceOf(context: Context, seconds: number | undefined): { deletedAt: Date; purgeAfter: Date } {
  const deletedAt = context.now();
  const grace = seconds ?? context.config.graceSeconds;
  return { deletedAt, purgeAfter: new Date(deletedAt.getTime() + grace * 1000) };
}
