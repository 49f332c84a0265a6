import type { FastifyInstance } from 'fastify';
import { listImages, registerImage } from '#contract/api/image.ts';
import { HofjeError } from '#model/error.ts';
import { audit } from '../audit.ts';
import { sightOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { readMoment } from '../http/moment.ts';
import { createOnce } from '../http/once.ts';
import { serve } from '../http/serve.ts';
import { bumpRevisions } from '../state/revision.ts';
import { isDigest, makeCurrent, seenImages, showImage } from './queries.ts';

export function imageRoutes(app: FastifyInstance, context: Context): void {
  serve(app, registerImage, async ({ body }, request) => {
    return await createOnce(context, request, async (tx) => {
      const { digest, kind } = body;
      if (!isDigest(digest)) throw new HofjeError('request.invalid', 'The digest is no digest.', { field: 'digest' });
      await tx
        .insertInto('image')
        .values({
          digest,
          kind,
          lock: JSON.stringify(body.lock ?? {}),
          built_at: body.builtAt === undefined ? context.now() : readMoment(body.builtAt, 'builtAt'),
        })
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .execute();
      const known = await tx.selectFrom('image').select('kind').where('digest', '=', digest).executeTakeFirstOrThrow();
      if (known.kind !== kind) {
        throw new HofjeError('image.kind-mismatch', `The image is registered as ${known.kind}.`, { field: 'kind' });
      }
      if (body.current === true) {
        const nodes = await makeCurrent(tx, { digest, kind });
        await bumpRevisions(
          tx,
          nodes.map((node) => node.id),
        );
      }
      await audit(tx, request, digest, { after: { kind, current: body.current === true } });
      return showImage(await tx.selectFrom('image').selectAll().where('digest', '=', digest).executeTakeFirstOrThrow());
    });
  });

  serve(app, listImages, async ({ query }, request) => {
    let rows = seenImages(context.db, sightOf(request, 'site'));
    if (query?.kind !== undefined) rows = rows.where('kind', '=', query.kind);
    return { items: (await rows.orderBy('kind').orderBy('built_at', 'desc').execute()).map(showImage) };
  });
}
