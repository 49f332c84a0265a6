import { sql } from 'kysely';
import type { MatrixRow, ProbeMatrix } from '#contract/api/probe.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import { PROBE_IDS, PROBES } from '#model/probe/catalogue.ts';
import { type ProbeResult, sharpness } from '#model/probe/judge.ts';
import { themeOf } from '#model/probe/theme.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';

export interface MatrixQuery {
  readonly cursor?: string;
  readonly limit?: number;
  readonly holes?: boolean;
  readonly node: NodeId | undefined;
}

/** The columns of the matrix: they come with the program. */
const COLUMNS: ProbeMatrix['probes'] = PROBE_IDS.map((probe) => {
  const rule: { readonly promise: string; readonly declared?: string } = PROBES[probe];
  return { probe, theme: themeOf(probe), promise: rule.promise, declared: rule.declared ?? null };
});

/** One page of it. */
export async function readMatrix(
  { db }: Context,
  { cursor, limit = PAGE_DEFAULT, holes = false, node }: MatrixQuery,
): Promise<ProbeMatrix> {
  const rows = await matrixPage(db, { after: readCursor(cursor), limit, holes, node }).execute();
  const counts = await db
    .selectFrom('probe_look')
    .select([sql<number>`count(*)`.as('looks'), sql<number>`count(*) filter (where holes <> '{}')`.as('holes')])
    .$if(node !== undefined, (query) => query.where('node_id', '=', node ?? 'node_'))
    .executeTakeFirstOrThrow();
  const page = makePage(rows, limit, ({ place, door }) => ({ key: place, id: door }), showRow);
  return {
    probes: COLUMNS,
    ...page,
    ...counts,
    controls: await controlsOf(db, [...new Set(rows.map((row) => row.node_id))]),
  };
}

export interface MatrixFilter extends Page {
  readonly holes: boolean;
  readonly node: NodeId | undefined;
}

/** Decoys stand before sites, by their names in the table. */
export function matrixPage(db: Db, filter: MatrixFilter) {
  let query = db
    .selectFrom('probe_look')
    .innerJoin('node', 'node.id', 'probe_look.node_id')
    .leftJoin('site', 'site.id', 'probe_look.site_id')
    .select(['probe_look.node_id', 'node.name as node_name', 'site_id', 'site.name as site_name', 'place', 'door'])
    .select(['probe_look.at', 'tried_at', 'failure', 'instance', 'probe_look.image', 'results']);
  if (filter.holes) query = query.where(sql<boolean>`holes <> '{}'`);
  if (filter.node !== undefined) query = query.where('probe_look.node_id', '=', filter.node);
  return keysetPage(query, 'probe_look.place', 'probe_look.door', filter);
}

interface Row {
  readonly node_id: NodeId;
  readonly node_name: string;
  readonly site_id: SiteId | null;
  readonly site_name: string | null;
  readonly place: string;
  readonly door: MatrixRow['door'];
  readonly at: Date | null;
  readonly tried_at: Date;
  readonly failure: string | null;
  readonly instance: string | null;
  readonly image: string | null;
  readonly results: readonly ProbeResult[];
}

function showRow(row: Row): MatrixRow {
  const found = new Map(row.results.map((result) => [result.probe, result]));
  const having = (verdict: ProbeResult['verdict']) =>
    PROBE_IDS.filter((probe) => (found.get(probe)?.verdict ?? 'not-tested') === verdict);
  return {
    kind: row.site_id === null ? 'decoy' : 'site',
    node: { id: row.node_id, name: row.node_name },
    site: row.site_id === null ? null : { id: row.site_id, name: row.site_name ?? row.site_id },
    door: row.door,
    at: row.at?.toISOString() ?? null,
    triedAt: row.tried_at.toISOString(),
    failure: row.failure,
    instance: row.instance,
    image: row.image,
    open: having('open').map((probe) => ({ probe, fact: found.get(probe)?.fact ?? '' })),
    declared: having('declared'),
    notTested: having('not-tested'),
  };
}

async function controlsOf(db: Db, nodes: readonly NodeId[]): Promise<ProbeMatrix['controls']> {
  if (nodes.length === 0) return [];
  const rows = await db
    .selectFrom('node')
    .leftJoin('probe_control', 'probe_control.node_id', 'node.id')
    .select(['node.name', 'at', 'sightings'])
    .where('node.id', 'in', nodes)
    .orderBy('node.name')
    .execute();
  return rows.map(({ name, at, sightings }) => ({
    node: name,
    at: at?.toISOString() ?? null,
    ...sharpness(sightings ?? []),
    missed: (sightings ?? []).filter(({ saw }) => saw === 'unseen').map(({ probe }) => probe),
  }));
}
