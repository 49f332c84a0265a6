import type { NotStartedReason, Outcome } from '#model/door/outcome.ts';
import { parseObject, textOr } from './json.ts';

const REASONS = new Set<string>([
  'unknown-site',
  'suspended',
  'site-cannot-start',
  'too-many-entries',
  'admission',
  'invalid-command',
  'platform',
] satisfies NotStartedReason[]);

/** An outcome as the agent writes it; undefined when it is none. A wrong guess here could refuse somebody's mail. */
export function parseOutcome(payload: Buffer): Outcome | undefined {
  const value = parseObject(payload.toString('utf8'));
  switch (value?.['kind']) {
    case 'exited':
      return isNumber(value['status']) ? { kind: 'exited', status: value['status'] } : undefined;
    case 'signalled':
      return isNumber(value['signal']) ? { kind: 'signalled', signal: value['signal'] } : undefined;
    case 'timed-out':
      return isNumber(value['seconds']) ? { kind: 'timed-out', seconds: value['seconds'] } : undefined;
    case 'starved':
      return starved(value['what'], value['status']);
    case 'not-started':
      return { kind: 'not-started', reason: reason(value['reason']), detail: textOr(value['detail'], '') };
    case 'no-program':
      return { kind: 'no-program' };
    case 'container-died':
      return { kind: 'container-died' };
    default:
      return undefined;
  }
}

function starved(what: unknown, status: unknown): Outcome | undefined {
  if ((what !== 'memory' && what !== 'processes') || !isNumber(status)) return undefined;
  return { kind: 'starved', what, status };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function reason(value: unknown): NotStartedReason {
  return isReason(value) ? value : 'platform';
}

function isReason(value: unknown): value is NotStartedReason {
  return typeof value === 'string' && REASONS.has(value);
}
