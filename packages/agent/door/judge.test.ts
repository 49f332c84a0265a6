import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Evidence, judge } from './judge.ts';
import { NO_PROGRAM_SIGNAL } from './waiter.ts';

const ran: Evidence = { code: 0, messages: [], begun: true, containerRuns: true };
const failed: Evidence = { code: 1, messages: [], begun: false, containerRuns: true };

describe('an entry', () => {
  test.each([0, 1, 75, 127, 128, 255])('that ran and ended with %d is the word of the program', (code) => {
    expect(judge({ ...ran, code })).toEqual({ kind: 'exited', status: code });
  });

  test('that a signal ended', () => {
    expect(judge({ ...ran, code: 143 })).toEqual({ kind: 'signalled', signal: 15 });
    expect(judge({ ...ran, code: 137 })).toEqual({ kind: 'signalled', signal: 9 });
  });

  test('whose waiter found no program to become', () => {
    const code = 128 + NO_PROGRAM_SIGNAL;
    expect(judge({ ...ran, code, hasTerminal: true })).toEqual({ kind: 'no-program' });
    expect(judge({ ...ran, code, hasTerminal: false })).toEqual({ kind: 'signalled', signal: NO_PROGRAM_SIGNAL });
  });

  test('whose container ended under it', () => {
    expect(judge({ ...ran, code: 137, containerRuns: false })).toEqual({ kind: 'container-died' });
    expect(judge({ ...ran, code: null, containerRuns: false })).toEqual({ kind: 'container-died' });
  });

  test('that ended by itself before its container did keeps its word', () => {
    expect(judge({ ...ran, code: 3, containerRuns: false })).toEqual({ kind: 'exited', status: 3 });
  });

  test.each(['memory', 'processes'] as const)(
    'that went short of %s does not speak for the program unless all is well',
    (starvedOf) => {
      expect(judge({ ...ran, code: 2, starvedOf })).toEqual({ kind: 'starved', what: starvedOf, status: 2 });
      expect(judge({ ...ran, code: 0, starvedOf })).toEqual({ kind: 'exited', status: 0 });
      expect(judge({ ...ran, code: 143, starvedOf })).toEqual({ kind: 'signalled', signal: 15 });
    },
  );

  test.each([
    'executable file `x` not found in $PATH: No such file or directory',
    'executable file `a\n` not found in $PATH` not found in $PATH: No such file or directory',
    'open executable: Permission denied',
    'open executable: Operation not permitted',
    'exec: Exec format error',
    'exec: No such file or directory',
  ])('without a program: %s', (message) => {
    expect(judge({ ...failed, messages: [message] })).toEqual({ kind: 'no-program' });
  });

  test.each([
    'exec: Cannot allocate memory',
    'fork: Resource temporarily unavailable',
    'writing file `/sys/x`: Device or resource busy',
  ])('that the platform failed to start: %s', (message) => {
    expect(judge({ ...failed, messages: [message] })).toMatchObject({ kind: 'not-started', reason: 'platform' });
  });

  test.each(['memory', 'processes'] as const)('for which the site has too little of %s', (starvedOf) => {
    const messages = ['fork: Resource temporarily unavailable'];
    expect(judge({ ...failed, messages, starvedOf })).toMatchObject({
      kind: 'not-started',
      reason: 'site-cannot-start',
      // For the owner, who is not told what crun says.
      detail: expect.not.stringContaining(messages[0] ?? ''),
    });
  });

  test('whose start the kernel ended for want of memory', () => {
    const killed = { ...failed, code: null, starvedOf: 'memory' } as const;
    expect(judge(killed)).toMatchObject({ kind: 'not-started', reason: 'site-cannot-start' });
  });

  test('whose container does not run', () => {
    const messages = ['the container `x` is not running'];
    expect(judge({ ...failed, messages, containerRuns: false })).toMatchObject({ reason: 'site-cannot-start' });
  });

  test('that we ended', () => {
    expect(judge({ ...ran, code: null, endedBy: { kind: 'time-limit', seconds: 7 } })).toEqual({
      kind: 'timed-out',
      seconds: 7,
    });
    expect(judge({ ...ran, code: null, endedBy: { kind: 'caller' } })).toEqual({ kind: 'signalled', signal: 9 });
    expect(judge({ ...failed, code: null, endedBy: { kind: 'caller' } })).toMatchObject({ kind: 'not-started' });
  });

  test('never speaks for the program unless it ran, or is not there', () => {
    const evidence: fc.Arbitrary<Evidence> = fc.record(
      {
        code: fc.option(fc.integer({ min: 0, max: 255 })),
        messages: fc.array(fc.string(), { maxLength: 2 }),
        begun: fc.boolean(),
        containerRuns: fc.boolean(),
        starvedOf: fc.constantFrom('memory' as const, 'processes' as const),
      },
      { requiredKeys: ['code', 'messages', 'begun', 'containerRuns'] },
    );
    fc.assert(
      fc.property(evidence, (given) => {
        const outcome = judge(given);
        if (outcome.kind !== 'exited') return;
        expect(given.starvedOf === undefined || outcome.status === 0).toBe(true);
        expect(given).toMatchObject({ begun: true, code: outcome.status, messages: [] });
      }),
    );
  });
});
