import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { changeNode, createNode, enrolNode, getNode, listNodes, revokeNode } from '#contract/api/node.ts';
import { makeId } from '#model/id.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { checkVersion } from '../http/version.ts';
import { findImage } from '../image/queries.ts';
import { makeEnrolment, revokeNodeCertificates } from '../link/enrol.ts';
import { bumpRevision } from '../state/revision.ts';
import { findNode, nodePage, nodeRecord, showNode } from './queries.ts';

export function nodeRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createNode, async ({ body }, request) => {
    return await createOnce(context, request, async (tx) => {
      const id = makeId('node', context.random(20));
      const current = await tx.selectFrom('image').select(['kind', 'digest']).where('current', '=', true).execute();
      const digestOf = (kind: string) => current.find((image) => image.kind === kind)?.digest ?? null;
      const row = await tx
        .insertInto('node')
        .values({ id, name: body.name, edge_image: digestOf('edge'), mail_image: digestOf('mail') })
        .returningAll()
        .executeTakeFirstOrThrow();
      const enrolment = await makeEnrolment(context, tx, id);
      await audit(tx, request, id, { after: nodeRecord(row) });
      return {
        node: showNode(row, context.now()),
        enrolment: { token: enrolment.token, expiresAt: enrolment.expiresAt.toISOString() },
      };
    });
  });

  serve(app, listNodes, async ({ query }) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const rows = await nodePage(db, { after: readCursor(query?.cursor), limit }).execute();
    return makePage(
      rows,
      limit,
      (row) => ({ key: row.name, id: row.id }),
      (row) => showNode(row, context.now()),
    );
  });

  serve(app, getNode, async ({ params }) => showNode(await findNode(db, params.node), context.now()));

  serve(app, changeNode, async ({ params, body }, request) => {
    return await db.transaction().execute(async (tx) => {
      const node = await findNode(tx, params.node);
      const edge = body.edgeImage === undefined ? undefined : await findImage(tx, body.edgeImage, 'edge', 'edgeImage');
      const mail = body.mailImage === undefined ? undefined : await findImage(tx, body.mailImage, 'mail', 'mailImage');
      await bumpRevision(tx, node.id);
      const locked = await findNode(tx, node.id);
      checkVersion(request, locked.version);
      const row = await tx
        .updateTable('node')
        .set({
          version: sql<number>`version + 1`,
          ...(edge === undefined ? {} : { edge_image: edge.digest }),
          ...(mail === undefined ? {} : { mail_image: mail.digest }),
        })
        .where('id', '=', node.id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await audit(tx, request, node.id, { before: nodeRecord(locked), after: nodeRecord(row) });
      return showNode(row, context.now());
    });
  });

  serve(app, enrolNode, async ({ params }, request) => {
    return await createOnce(context, request, async (tx) => {
      const node = await findNode(tx, params.node);
      const enrolment = await makeEnrolment(context, tx, node.id);
      await audit(tx, request, node.id);
      return { token: enrolment.token, expiresAt: enrolment.expiresAt.toISOString() };
    });
  });

  serve(app, revokeNode, async ({ params }, request) => {
    return await db.transaction().execute(async (tx) => {
      const node = await findNode(tx, params.node);
      checkVersion(request, node.version);
      await revokeNodeCertificates(context, tx, node.id);
      await audit(tx, request, node.id);
      return showNode(node, context.now());
    });
  });
}
