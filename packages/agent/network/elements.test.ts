import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addService, addSite, changeLimits, publish, removeElements, showsLimits } from './elements.ts';

const limits = fc.record({
  connectionsMax: fc.integer({ min: 1, max: 100_000 }),
  connectionsPerSecond: fc.integer({ min: 1, max: 10_000 }),
});

describe('elements of a link', () => {
  it('are never counted without a limit of their own', () => {
    fc.assert(
      fc.property(limits, (wished) => {
        const all = [
          addSite('s-1', '10.70.0.9', wished),
          changeLimits('s-1', wished),
          removeElements('s-1', '10.70.0.9'),
        ];
        for (const line of all.join('').split('\n'))
          if (line.startsWith('add element inet hofje crowded')) expect(line).toMatch(/\{ "s-1" ct count over \d+ \}$/);
      }),
    );
  });

  it('are removed whatever they were: each one is added before it is deleted', () => {
    const lines = removeElements('s-1', '10.70.0.9').trim().split('\n');
    expect(lines).toHaveLength(12);
    for (let n = 0; n < lines.length; n += 2) {
      const [, set] = /^add element inet hofje (\w+) /.exec(lines[n] ?? '') ?? [];
      expect(lines[n + 1]).toMatch(new RegExp(`^delete element inet hofje ${set} `));
    }
  });

  it('tell whether the limits are those that were wished', () => {
    const answer = [
      'elements = { "s-1" ct count over 20 }',
      'elements = { "s-1" limit rate over 50/second burst 100 packets }',
    ].join('\n');
    expect(showsLimits(answer, 's-1', { connectionsMax: 20, connectionsPerSecond: 50 })).toBe(true);
    expect(showsLimits(answer, 's-1', { connectionsMax: 200, connectionsPerSecond: 50 })).toBe(false);
    expect(showsLimits(answer, 's-1', { connectionsMax: 20, connectionsPerSecond: 5 })).toBe(false);
    expect(showsLimits('', 's-1', { connectionsMax: 20, connectionsPerSecond: 50 })).toBe(false);
  });

  it('name a service by its kind', () => {
    expect(addService('edge', 'e-1', '10.63.0.9')).toBe('add element inet hofje edges { "e-1" . 10.63.0.9 }\n');
  });
});

describe('publishing', () => {
  it('changes all ports of a service in one transaction', () => {
    expect(publish('edge', '10.63.0.9')).toBe(
      'flush map inet hofje published_edge\n' +
        'add element inet hofje published_edge { 80 : 10.63.0.9 . 8080, 443 : 10.63.0.9 . 8443 }\n',
    );
    expect(publish('mail', undefined)).toBe('flush map inet hofje published_mail\n');
  });
});
