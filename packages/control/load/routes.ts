import type { FastifyInstance } from 'fastify';
import { listLoads } from '#contract/api/load.ts';
import type { Context } from '../context.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { findNode, nodePage } from '../node/queries.ts';
import { showLoads } from './queries.ts';

export function loadRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;
  serve(app, listLoads, async ({ query }) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const rows =
      query?.node === undefined
        ? await nodePage(db, { after: readCursor(query?.cursor), limit }).execute()
        : [await findNode(db, query.node)];
    const page = makePage(
      rows,
      limit,
      (row) => ({ key: row.name, id: row.id }),
      (row) => row,
    );
    return { ...page, items: await showLoads(db, page.items, context.now()) };
  });
}
