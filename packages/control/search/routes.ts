import type { FastifyInstance } from 'fastify';
import { FOUND_KINDS, type Found, search } from '#contract/api/search.ts';
import { subjectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { type FoundRow, findings, type Kind } from './queries.ts';
import { wordsOf } from './words.ts';

const LIMIT_DEFAULT = 8;

export function searchRoutes(app: FastifyInstance, { db }: Context): void {
  serve(app, search, async ({ query }, request) => {
    const words = wordsOf(query?.q ?? '');
    if (words === undefined) return { items: [] };
    const subject = subjectOf(request);
    const limit = query?.limit ?? LIMIT_DEFAULT;
    const kinds = query?.kind === undefined ? FOUND_KINDS : [query.kind];
    const found = await Promise.all(
      kinds.map(async (kind) => {
        const rows = (await findings(subject, kind, words, limit)?.execute(db))?.rows ?? [];
        return eachOnce(rows).map((row) => show(kind, row));
      }),
    );
    return { items: found.flat() };
  });
}

/** A site is found by each of its names. */
function eachOnce(rows: readonly FoundRow[]): FoundRow[] {
  return rows.filter(({ id }, index) => rows.findIndex((row) => row.id === id) === index);
}

function show(kind: Kind, { id, name, note, account, account_name, state }: FoundRow): Found {
  return { kind, id, name, note, account, accountName: account_name, state };
}
