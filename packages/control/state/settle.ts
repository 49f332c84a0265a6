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
  readonly site: { readonly applied: number; readonly state: SiteState; readonly reason: string | null } | undefined;
}

/** Notifications may be lost with a connection: then this often. */
const LOOK_AGAIN_MS = 1000;

/**
 * Waits until the node reports that it is so, or says why it cannot, or the deadline comes. Never throws for the node's
 * trouble: the change itself is made.
 */
export async function settle(context: Context, expectation: Expectation): Promise<Settled> {
  const deadline = Date.now() + context.config.waitSeconds * 1000;
  const waker = makeWaker(context, expectation.node);
  try {
    for (;;) {
      // Armed before looking: a report between the look and the wait is not missed.
      const woken = waker.next();
      const observed = await observe(context, expectation);
      const verdict = judge(expectation, observed);
      if (verdict !== undefined) return verdict;
      const left = deadline - Date.now();
      if (left <= 0) return lateVerdict(observed);
      await Promise.race([woken, waker.after(Math.min(left, LOOK_AGAIN_MS))]);
    }
  } finally {
    waker.stop();
  }
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
    ])
    .where('node.id', '=', node)
    .executeTakeFirstOrThrow();
  const { applied, state } = row;
  return {
    appliedRevision: row.applied_revision,
    linked: row.linked_to !== null,
    site: applied === null || state === null ? undefined : { applied, state, reason: row.reason },
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
