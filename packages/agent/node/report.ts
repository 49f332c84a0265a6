import type { Alarm, NodeReport, SiteReport } from '#contract/agent/messages.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import type { EdgeTable } from '../edge/edge-table.ts';
import type { ServiceKeeper } from '../service/service-keeper.ts';
import { reportedReason, reportedState } from '../site/life.ts';
import type { SignalBook } from '../site/signals.ts';
import type { SiteActor } from '../site/site-actor.ts';
import type { SiteKeeper } from '../site/site-keeper.ts';

export interface ReportParts {
  readonly node: NodeId;
  readonly facts: NodeReport['facts'];
  readonly revision: number;
  readonly alarms: readonly Alarm[];
  readonly services: ServiceKeeper;
  readonly sites: SiteKeeper;
  readonly table: EdgeTable;
  readonly signals: SignalBook;
  /** Revision that is applied for each site. */
  readonly applied: ReadonlyMap<SiteId, number>;
  readonly now: number;
}

/** What the node says of itself. */
export function makeReport(parts: ReportParts): NodeReport {
  return {
    node: parts.node,
    at: parts.now,
    revision: parts.revision,
    facts: parts.facts,
    alarms: parts.alarms,
    services: parts.services.reports(),
    sites: parts.sites.actors().map((actor) => reportSite(parts, actor)),
    signals: parts.signals.ended(parts.now),
  };
}

function reportSite({ table, applied }: ReportParts, actor: SiteActor): SiteReport {
  const reason = reportedReason(actor.life) ?? table.refusals().get(actor.id);
  return {
    id: actor.id,
    state: reportedState(actor.life),
    ...(reason === undefined ? {} : { reason }),
    instance: actor.instance.id,
    image: actor.instance.image,
    applied: applied.get(actor.id) ?? 0,
  };
}
