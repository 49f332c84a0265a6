import type { FastifyInstance } from 'fastify';
import { type ProbeReport, probeMatrix, runProbes } from '#contract/api/probe.ts';
import { getProof, runProof } from '#contract/api/proof.ts';
import { HofjeError } from '#model/error.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { isOperator, objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { chosenNodes } from '../link/question.ts';
import { findNode, type NodeRow } from '../node/queries.ts';
import { liveSite } from '../site/queries.ts';
import { probeNode, type Selection } from './ask.ts';
import { readMatrix } from './matrix.ts';
import { proofOf } from './proof.ts';
import { claimRun, runProofOf } from './run.ts';

/** Every probe through every door of every site. */
const PROBE_TIMEOUT_MS = 15 * 60_000;

export function probeRoutes(app: FastifyInstance, context: Context): void {
  serve(app, runProbes, async ({ body }, request) => {
    const site =
      body.site === undefined ? undefined : await liveSite(context.db, EVERYTHING, objectOf(request, 'site'));
    const nodes = await chosenNodes(context, site?.node_id ?? body.node);
    // Whoever does not run the installation does not keep it busy either.
    if (site !== undefined && !isOperator(request)) await claimRun(context, site.id, 1);
    const selection: Selection = {
      ...(site === undefined ? {} : { site: site.id }),
      ...(body.door === undefined ? {} : { door: body.door }),
    };
    const look = async ({ id, name }: NodeRow) => {
      try {
        return { node: name, report: await probeNode(context, id, selection, request.id, PROBE_TIMEOUT_MS) };
      } catch (error) {
        if (error instanceof HofjeError) return { node: name, trouble: error.message };
        throw error;
      }
    };
    const answers = await Promise.all(nodes.map(look));
    return { passed: answers.length > 0 && answers.every((answer) => isPassed(answer.report)), nodes: answers };
  });

  serve(app, getProof, async (_input, request) => {
    return await proofOf(context, await liveSite(context.db, EVERYTHING, objectOf(request, 'site')));
  });

  serve(app, runProof, async (_input, request) => {
    const site = await liveSite(context.db, EVERYTHING, objectOf(request, 'site'));
    await runProofOf(context, site, request.id);
    return await proofOf(context, site);
  });

  serve(app, probeMatrix, async ({ query }) => {
    const node = query?.node === undefined ? undefined : (await findNode(context.db, query.node)).id;
    return await readMatrix(context, { ...query, node });
  });
}

/** Pure: whether every look took place and found nothing open. What was not tested is told, and fails nothing. */
export function isPassed(report: ProbeReport | undefined): boolean {
  if (report === undefined || report.rows.length === 0) return false;
  return report.rows.every(
    (row) => row.failure === undefined && row.results.every((result) => result.verdict !== 'open'),
  );
}
