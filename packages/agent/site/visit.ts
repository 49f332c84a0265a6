import type { Command } from '#model/door/command.ts';
import { DOORS, type Door } from '#model/door/door.ts';
import type { NotStartedReason, Outcome } from '#model/door/outcome.ts';
import type { SiteId } from '#model/id.ts';
import type { Enter, EntryStreams } from '../door/enter.ts';
import type { NotAwake } from './awakening.ts';
import type { SignalBook } from './signals.ts';
import type { SiteKeeper } from './site-keeper.ts';

export interface Visit {
  readonly site: SiteId;
  readonly door: Door;
  readonly command: Command;
  readonly streams: EntryStreams;
  readonly signal: AbortSignal;
}

export interface VisitParts {
  readonly keeper: SiteKeeper;
  readonly enter: Enter;
  readonly signals: SignalBook;
  readonly now: () => number;
}

/**
 * Goes through a door into a site, waking it first where the door may. Never throws. This is what everybody in the agent
 * uses; the starting itself is `door/enter.ts`.
 */
export async function visit(parts: VisitParts, visit: Visit): Promise<Outcome> {
  const outcome = await attempt(parts, visit);
  if (parts.keeper.record(visit.site) !== undefined) {
    parts.signals.entered(parts.now(), visit.site, visit.door, outcome);
    if (outcome.kind === 'not-started') {
      parts.signals.fault(parts.now(), visit.site, `entry ${visit.door} ${outcome.reason}`, outcome.detail);
    }
  }
  return outcome;
}

async function attempt({ keeper, enter }: VisitParts, visit: Visit): Promise<Outcome> {
  const { site, door, command, streams, signal } = visit;
  const actor = keeper.actor(site);
  const wish = keeper.wish(site);
  if (actor === undefined || wish === undefined) return notStarted('unknown-site', 'no such site lives here');
  if (wish.suspended) return notStarted('suspended', 'the site is suspended');
  if (!DOORS[door].wakes && actor.life.state !== 'running') {
    return notStarted('site-cannot-start', 'the site sleeps, and this door does not wake it');
  }
  try {
    return await actor.whileAwake(
      async (instance) => {
        const target = { site, instance: keeper.plan(site, instance), entriesMax: wish.limits.entries };
        return await enter(target, door, command, streams, signal);
      },
      (answer) => notStarted(REASONS[answer.because], answer.reason),
    );
  } catch (error) {
    return notStarted('platform', error instanceof Error ? error.message : String(error));
  }
}

const REASONS: Readonly<Record<NotAwake['because'], NotStartedReason>> = {
  suspended: 'suspended',
  'cannot-start': 'site-cannot-start',
  'no-room': 'admission',
};

function notStarted(reason: NotStartedReason, detail: string): Outcome {
  return { kind: 'not-started', reason, detail };
}
