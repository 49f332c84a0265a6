import { Value } from 'typebox/value';
import type { Question } from '#contract/agent/messages.ts';
import { NodeProbeReport } from '#contract/api/probe.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { storeProbes } from './store.ts';

export type Selection = Omit<Extract<Question, { readonly ask: 'probe-run' }>, 'ask'>;

/**
 * Lets a node run probes and keeps what it finds. `cause` names the request or job behind it. Throws what `Links.ask` throws,
 * and `node.refused` when the answer has no shape that is known.
 */
export async function probeNode(
  context: Context,
  node: NodeId,
  selection: Selection,
  cause: string,
  timeoutMs: number,
): Promise<NodeProbeReport> {
  const id = `${cause}/${context.random(6).toString('hex')}`;
  const report = await context.links.ask(node, { ask: 'probe-run', ...selection }, id, timeoutMs);
  if (!Value.Check(NodeProbeReport, report)) {
    context.log.error({ event: 'node.answer-shape', node, ask: 'probe-run', request: cause });
    throw new HofjeError('node.refused', 'The node gave an answer of an unknown shape.');
  }
  await storeProbes(context, node, report);
  return report;
}
