import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../door/outcome.ts';
import { type NoAnswer, replyToPipe } from './outcome.ts';

const anyText = fc.string({ unit: 'binary' });

const anyResult: fc.Arbitrary<Outcome | NoAnswer> = fc.oneof(
  fc.record({ kind: fc.constant('exited' as const), status: fc.oneof(fc.integer({ min: -3, max: 260 }), fc.double()) }),
  fc.record({ kind: fc.constant('signalled' as const), signal: fc.integer() }),
  fc.constant({ kind: 'no-program' as const }),
  fc.record({
    kind: fc.constant('not-started' as const),
    reason: fc.constantFrom(
      'unknown-site' as const,
      'suspended' as const,
      'site-cannot-start' as const,
      'too-many-entries' as const,
      'admission' as const,
      'invalid-command' as const,
      'platform' as const,
    ),
    detail: anyText,
  }),
  fc.constant({ kind: 'container-died' as const }),
  fc.record({ kind: fc.constant('timed-out' as const), seconds: fc.integer() }),
  fc.record({
    kind: fc.constant('starved' as const),
    what: fc.constantFrom('memory' as const, 'processes' as const),
    status: fc.integer(),
  }),
  fc.record({
    kind: fc.constant('no-answer' as const),
    reason: fc.constantFrom(
      'agent-unreachable' as const,
      'protocol-fault' as const,
      'cancelled' as const,
      'too-late' as const,
    ),
  }),
);

describe('replyToPipe', () => {
  it('knows an answer to everything, and refuses only on the word of the program', () => {
    fc.assert(
      fc.property(anyResult, (result) => {
        const { code, status } = replyToPipe(result);
        expect(status.startsWith(`${Math.floor(code / 100)}.`)).toBe(true);
        const isWord =
          result.kind === 'exited' && Number.isInteger(result.status) && result.status >= 0 && result.status <= 255;
        const refuses = result.kind === 'no-program' || (isWord && ![0, 75].includes(result.status));
        expect(code === 250).toBe(result.kind === 'exited' && result.status === 0);
        expect(code === 550).toBe(refuses);
        expect([250, 451, 550]).toContain(code);
      }),
      { numRuns: 2000 },
    );
  });

  it('says nothing that tells one reason from another', () => {
    const texts = new Set<string>();
    fc.assert(
      fc.property(anyResult, (result) => {
        texts.add(JSON.stringify(replyToPipe(result)));
        expect(texts.size).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('defers an outcome that it does not know yet', () => {
    const unknown: unknown = { kind: 'evaporated' };
    expect(replyToPipe(unknown as Outcome).code).toBe(451);
  });
});
