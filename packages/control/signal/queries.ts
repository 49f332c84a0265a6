import { sql } from 'kysely';
import { LATENCY_BOUNDS_MS } from '#contract/agent/messages.ts';
import type { SignalSpan } from '#contract/api/signal.ts';
import type { SiteId } from '#model/id.ts';
import type { Db } from '../database/connect.ts';

/** A span of time of one site, both ends included. */
export interface SignalRange {
  readonly site: SiteId;
  readonly since: Date;
  readonly until: Date;
}

/** A week of minutes. */
const ROWS_MAX = 7 * 24 * 60;
/** Kinds of faults that are told of each span: the most frequent. */
const FAULTS_MAX = 20;

/** The minutes as they were reported. */
export async function readMinutes(db: Db, { site, since, until }: SignalRange): Promise<SignalSpan[]> {
  const rows = await db
    .selectFrom('signal')
    .selectAll()
    .where('site_id', '=', site)
    .where('started_at', '>=', since)
    .where('started_at', '<=', until)
    .orderBy('started_at')
    .limit(ROWS_MAX)
    .execute();
  return rows.map((row) => ({
    from: row.started_at.toISOString(),
    seconds: row.seconds,
    requests: row.requests,
    status5xx: row.status_5xx,
    latency: row.latency,
    memoryBytesPeak: row.memory_bytes_peak,
    cpuMilliseconds: row.cpu_milliseconds,
    diskBytes: row.disk_bytes,
    wakes: row.wakes,
    entries: row.entries.map((entry) => ({ ...entry })),
    faults: row.faults.map((fault) => ({ ...fault })),
  }));
}

/**
 * Spans of `resolution` seconds, whose beginnings are multiples of it since 1970: sums, the peak of memory, the last size on
 * disk. A span of which nothing was reported is left out. The database does the sums, so what is answered is as small as
 * the number of spans.
 */
export async function readSpans(db: Db, range: SignalRange, resolution: number): Promise<SignalSpan[]> {
  const { rows } = await spansQuery(range, resolution).execute(db);
  return rows.map(({ from, ...span }) => ({ ...span, from: from.toISOString() }));
}

export function spansQuery({ site, since, until }: SignalRange, resolution: number) {
  const buckets = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, index) => {
    return sql`coalesce(sum(latency[${sql.lit(index + 1)}]), 0)::integer`;
  });
  return sql<Omit<SignalSpan, 'from'> & { from: Date }>`
    with minute as materialized (
      select *, date_bin(make_interval(secs => ${resolution}), started_at, 'epoch'::timestamptz) as span from signal
      where site_id = ${site} and started_at >= ${since} and started_at <= ${until}
    ), total as (
      select span, sum(seconds)::integer as seconds, sum(requests)::integer as requests,
        sum(status_5xx)::integer as "status5xx", array[${sql.join(buckets)}] as latency,
        max(memory_bytes_peak) as "memoryBytesPeak", sum(cpu_milliseconds)::bigint as "cpuMilliseconds",
        (array_agg(disk_bytes order by started_at desc))[1] as "diskBytes", sum(wakes)::integer as wakes
      from minute group by span
    ), entry as (
      select span, jsonb_agg(jsonb_build_object('door', door, 'outcome', outcome, 'count', count) order by door, outcome) as entries
      from (
        select span, door, outcome, sum(count)::integer as count
        from minute, jsonb_to_recordset(entries) as e (door text, outcome text, count integer) group by span, door, outcome
      ) as counted group by span
    ), fault as (
      select span, jsonb_agg(jsonb_build_object('signature', signature, 'count', count) order by place) as faults
      from (
        select *, row_number() over (partition by span order by count desc, signature) as place from (
          select span, signature, sum(count)::integer as count
          from minute, jsonb_to_recordset(faults) as f (signature text, count integer) group by span, signature
        ) as counted
      ) as placed where place <= ${FAULTS_MAX} group by span
    )
    select total.span as "from", seconds, requests, "status5xx", latency, "memoryBytesPeak", "cpuMilliseconds", "diskBytes",
      wakes, coalesce(entries, '[]') as entries, coalesce(faults, '[]') as faults
    from total left join entry using (span) left join fault using (span) order by total.span`;
}
