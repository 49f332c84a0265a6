import type { Selectable } from 'kysely';
import type { Image } from '#contract/api/image.ts';
import { HofjeError } from '#model/error.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { runBySeenSite } from '../auth/visible.ts';
import type { Db, Tx } from '../database/connect.ts';
import type { ImageTable } from '../database/tables.ts';

export type ImageRow = Selectable<ImageTable>;

export function showImage(row: ImageRow): Image {
  return {
    digest: row.digest,
    kind: row.kind,
    lock: row.lock,
    builtAt: row.built_at.toISOString(),
    registeredAt: row.registered_at.toISOString(),
    current: row.current,
  };
}

export function isDigest(text: string): text is ImageDigest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/**
 * An image by its digest, or the current one of a kind. `kinds` is what it may be, by how the kind begins. Throws
 * `image.not-found`, `image.kind-mismatch`.
 */
export async function findImage(db: Db, reference: string, kinds: string, field = 'image'): Promise<ImageRow> {
  let query = db.selectFrom('image').selectAll();
  query = isDigest(reference)
    ? query.where('digest', '=', reference)
    : query.where('kind', '=', reference).where('current', '=', true);
  const row = await query.executeTakeFirst();
  if (row === undefined) {
    throw noImage(reference, field);
  }
  if (!row.kind.startsWith(kinds)) {
    throw new HofjeError('image.kind-mismatch', `${reference} is an image of kind ${row.kind}.`, { field });
  }
  return row;
}

function noImage(reference: string, field: string): HofjeError {
  return new HofjeError('image.not-found', `There is no image ${reference}.`, {
    field,
    hint: 'Build and register it first.',
  });
}

/**
 * As `findImage`, of those that customers may know: the current one of each kind, and what their sites run. An image that is
 * kept back, or has been replaced, is an operator's to give.
 */
export async function findSeenImage(
  db: Db,
  visibility: Visibility,
  reference: string,
  kinds: string,
): Promise<ImageRow> {
  const image = await findImage(db, reference, kinds);
  if (visibility.all || image.current) return image;
  const seen = await seenImages(db, visibility).where('digest', '=', image.digest).executeTakeFirst();
  if (seen !== undefined) return image;
  throw noImage(reference, 'image');
}

/** The images of sites that are current or that a seen site runs; all, for operators. */
export function seenImages(db: Db, visibility: Visibility) {
  const images = db.selectFrom('image').selectAll();
  if (visibility.all) return images;
  return images
    .where('kind', 'like', 'site-%')
    .where(({ or, eb }) => or([eb('current', '=', true), runBySeenSite('image', 'image.digest', visibility)]));
}

/** Makes an image the current one of its kind, and gives it to nodes that have none for that service yet. Returns those nodes. */
export async function makeCurrent(tx: Tx, image: { readonly digest: ImageDigest; readonly kind: string }) {
  await tx
    .updateTable('image')
    .set({ current: false })
    .where('kind', '=', image.kind)
    .where('current', '=', true)
    .execute();
  await tx.updateTable('image').set({ current: true }).where('digest', '=', image.digest).execute();
  if (image.kind === 'edge') {
    return await tx
      .updateTable('node')
      .set({ edge_image: image.digest })
      .where('edge_image', 'is', null)
      .returning('id')
      .execute();
  }
  if (image.kind === 'mail') {
    return await tx
      .updateTable('node')
      .set({ mail_image: image.digest })
      .where('mail_image', 'is', null)
      .returning('id')
      .execute();
  }
  return [];
}
