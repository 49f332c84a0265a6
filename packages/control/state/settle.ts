import type { Settled } from '#contract/api/common.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import type { SiteState } from '#model/site/state.ts';
import type { Context } from '../context.ts';

/** What a caller waits for: that a node has applied a revision, as a whole or at least for one site. */
export interface Expectation {
  readonly node: NodeId;
  readonly revision: number;
  readonly site?: SiteId;
}

interface Observed {
  readonly appliedRevision: number | null;
  readonly linked: boolean;
  readonly site: SeenSite | undefined;
}

interface SeenSite {
  readonly applied: number;
  readonly state: SiteState;
  readonly reason: string | null;
  /** When the node said so, by its own clock. */
  readonly at: Date;
}

/** Notifications may be lost with a connection: then this often. */
const LOOK_AGAIN_MS = 1000;

/**
 * Waits until the node reports that it is so, or says why it cannot, or the deadline comes. Never throws for the node's
 * trouble: the change itself is made.
 */
export async function settle(context: Context, expectation: Expectation): Promise<Settled> {
  const { decided, observed } = await watch(context, expectation, (seen) => judge(expectation, seen));
  return decided ?? lateVerdict(observed);
}

/** An answer, with what became of it on the node when the caller waits for that. */
export async function withSettled<A extends object>(
  context: Context,
  answer: A,
  wait: boolean | undefined,
  { node, revision }: Expectation,
): Promise<A & { settled?: Settled }> {
  return wait === true ? { ...answer, settled: await settle(context, { node, revision }) } : answer;
}

/** Pure: whether what was seen settles the matter. */
export function judge(expectation: Expectation, observed: Observed): Settled | undefined {
  if (expectation.site === undefined) {
    const applied = observed.appliedRevision !== null && observed.appliedRevision >= expectation.revision;
    return applied ? { applied: true } : undefined;
  }
  const { site } = observed;
  if (site === undefined || site.applied < expectation.revision) return undefined;
  switch (site.state) {
    case 'asleep':
    case 'running':
    case 'suspended':
      return { applied: true };
    case 'failed':
      return { applied: false, code: 'site.cannot-start', message: site.reason ?? 'The site does not start.' };
    case 'starting':
      return undefined;
  }
}

/** Pure: what to say when the deadline came first. */
export function lateVerdict(observed: Observed): Settled {
  if (!observed.linked) {
    return {
      applied: false,
      code: 'node.unreachable',
      message: 'The node holds no connection to the control plane now.',
    };
  }
  return { applied: false, code: 'node.answer-late', message: 'The node has not reported the change yet.' };
}

/**
 * Waits until the node has reported what became of a site, not earlier than `since` (the node's own clock), or the deadline
 * comes. It may be something else than was ordered: a visitor wakes a site that was just put to sleep.
 */
export async function awaitSiteReport(
  context: Context,
  expectation: Required<Expectation>,
  since: number,
): Promise<void> {
  await watch(context, expectation, ({ site }) =>
    site !== undefined && site.at.getTime() >= since && site.state !== 'starting' ? true : undefined,
  );
}

/** Looks after each report of the node until `decide` says something; undefined when the deadline came first. */
async function watch<T>(
  context: Context,
  expectation: Expectation,
  decide: (observed: Observed) => T | undefined,
): Promise<{ readonly decided: T | undefined; readonly observed: Observed }> {
  const deadline = Date.now() + context.config.waitSeconds * 1000;
  const waker = makeWaker(context, expectation.node);
  try {
    for (;;) {
      // Armed before looking: a report between the look and the wait is not missed.
      const woken = waker.next();
      const observed = await observe(context, expectation);
      const decided = decide(observed);
      const left = deadline - Date.now();
      if (decided !== undefined || left <= 0) return { decided, observed };
      await Promise.race([woken, waker.after(Math.min(left, LOOK_AGAIN_MS))]);
    }
  } finally {
    waker.stop();
  }
}

async function observe(context: Context, { node, site }: Expectation): Promise<Observed> {
  const row = await context.db
    .selectFrom('node')
    .leftJoin('site_report', (join) => join.on('site_report.site_id', '=', site ?? ('' as SiteId)))
    .select([
      'node.applied_revision',
      'node.linked_to',
      'site_report.applied',
      'site_report.state',
      'site_report.reason',
      'site_report.at',
    ])
    .where('node.id', '=', node)
    .executeTakeFirstOrThrow();
  const { applied, state, at } = row;
  return {
    appliedRevision: row.applied_revision,
    linked: row.linked_to !== null,
    site: applied === null || state === null || at === null ? undefined : { applied, state, reason: row.reason, at },
  };
}

function makeWaker(context: Context, node: NodeId) {
  let wake: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const unsubscribe = context.bus.on('hofje_report', (text) => {
    if (text === node) wake?.();
  });
  return {
    next(): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      return promise;
    },
    after(milliseconds: number): Promise<void> {
      clearTimeout(timer);
      const { promise, resolve } = Promise.withResolvers<void>();
      timer = setTimeout(resolve, milliseconds);
      return promise;
    },
    stop(): void {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}
