import type { FastifyInstance } from 'fastify';
import { ProbeReport, runProbes } from '#contract/api/probe.ts';
import { HofjeError } from '#model/error.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { emitProbed } from '../event/emit.ts';
import { serve } from '../http/serve.ts';
import { askNode, chosenNodes } from '../link/question.ts';
import type { NodeRow } from '../node/queries.ts';
import { liveSite } from '../site/queries.ts';

/** Every probe through every door of every site. */
const PROBE_TIMEOUT_MS = 15 * 60_000;

export function probeRoutes(app: FastifyInstance, context: Context): void {
  serve(app, runProbes, async ({ body }, request) => {
    const site =
      body.site === undefined ? undefined : await liveSite(context.db, EVERYTHING, objectOf(request, 'site'));
    const nodes = await chosenNodes(context, site?.node_id ?? body.node);
    const question = {
      ask: 'probe-run',
      ...(site === undefined ? {} : { site: site.id }),
      ...(body.door === undefined ? {} : { door: body.door }),
    } as const;
    const look = async ({ id, name }: NodeRow) => {
      try {
        return { node: name, report: await askNode(context, request, id, question, ProbeReport, PROBE_TIMEOUT_MS) };
      } catch (error) {
        if (error instanceof HofjeError) return { node: name, trouble: error.message };
        throw error;
      }
    };
    const answers = await Promise.all(nodes.map(look));
    await emitProbed(context.db, probedSites(answers));
    return { passed: answers.length > 0 && answers.every((answer) => isPassed(answer.report)), nodes: answers };
  });
}

/** Pure: the sites of customers that were looked at. */
function probedSites(answers: readonly { readonly report?: ProbeReport }[]): string[] {
  const rows = answers.flatMap(({ report }) => report?.rows ?? []);
  return [...new Set(rows.filter(({ decoy }) => !decoy).map(({ site }) => site))];
}

/** Pure: whether every look took place and found nothing open. What was not tested is told, and fails nothing. */
export function isPassed(report: ProbeReport | undefined): boolean {
  if (report === undefined || report.rows.length === 0) return false;
  return report.rows.every(
    (row) => row.failure === undefined && row.results.every((result) => result.verdict !== 'open'),
  );
}
