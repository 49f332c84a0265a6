import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LATENCY_BOUNDS_MS } from '#contract/agent/messages.ts';
import { makeId } from '#model/id.ts';
import { faultSignature, SignalBook, WINDOW_MS } from './signals.ts';

const SITE = makeId('site', new Uint8Array(20));
const START = 1_800_000_000_000 - (1_800_000_000_000 % WINDOW_MS);

function stats(requests: number, status5xx = 0) {
  const latency = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, at) => (at === 0 ? requests : 0));
  return { [SITE]: { requests, status5xx, latency, inFlight: 0, lastActivity: 0 } };
}

describe('SignalBook', () => {
  test('counts every request once, whenever it looks and however often the edge begins anew', () => {
    const step = fc.record({ passes: fc.nat(40_000), more: fc.nat(50), restarts: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const book = new SignalBook();
        let now = START;
        let generation = 0;
        let counter = 0;
        let all = 0;
        for (const { passes, more, restarts } of steps) {
          now += passes;
          if (restarts) {
            generation += 1;
            counter = 0;
          }
          counter += more;
          all += more;
          book.requests(now, String(generation), stats(counter));
        }
        const windows = book.ended(now + 2 * WINDOW_MS);
        expect(windows.reduce((sum, window) => sum + window.requests, 0)).toBe(all);
        expect(windows.flatMap((window) => window.latency).reduce((sum, count) => sum + count, 0)).toBe(all);
        expect(new Set(windows.map((window) => window.from)).size).toBe(windows.length);
      }),
    );
  });

  test('takes processor time as differences, also over a new container', () => {
    const book = new SignalBook();
    const sample = { memoryBytes: 10, memoryPeakBytes: 20, oomKills: 0 };
    book.usage(START, SITE, { ...sample, cpuMs: 100 });
    book.usage(START + 1, SITE, { ...sample, cpuMs: 150 });
    book.usageEnded(SITE);
    book.usage(START + 2, SITE, { ...sample, cpuMs: 30, memoryPeakBytes: 15, oomKills: 2 });
    const [window] = book.ended(START + WINDOW_MS);
    expect(window?.cpuMilliseconds).toBe(180);
    expect(window?.memoryBytesPeak).toBe(20);
    expect(window?.faults).toEqual([
      { signature: 'out-of-memory: a process was ended because memory ran out', count: 2 },
    ]);
  });

  test('hands each window over until it is taken', () => {
    const book = new SignalBook();
    book.woke(START, SITE, 55.4);
    book.entered(START, SITE, 'mail-pipe', { kind: 'exited', status: 0 });
    book.entered(START, SITE, 'mail-pipe', { kind: 'exited', status: 0 });
    book.disk(SITE, 4096);
    expect(book.ended(START + 1)).toEqual([]);
    const windows = book.ended(START + WINDOW_MS);
    expect(windows).toMatchObject([
      {
        site: SITE,
        from: START,
        seconds: 60,
        wakes: 1,
        wakeMilliseconds: [55],
        diskBytes: 4096,
        entries: [{ door: 'mail-pipe', outcome: 'exited', count: 2 }],
      },
    ]);
    expect(book.ended(START + WINDOW_MS)).toEqual(windows);
    book.taken(windows);
    expect(book.ended(START + 10 * WINDOW_MS)).toEqual([]);
  });
});

test('a fault keeps its signature whatever numbers and names are in it', () => {
  const signature = faultSignature('start', 'instance ins_0123456789abcdefghjk failed after 17 ms at 0xdeadbeef');
  expect(signature).toBe('start: instance <id> failed after <n> ms at <hex>');
  expect(faultSignature('start', 'instance ins_zzzz456789abcdefghjk failed after 9 ms at 0x1')).toBe(signature);
});

test('what became of mail for pipes is told as its senders hear it', () => {
  const book = new SignalBook();
  book.entered(0, SITE, 'mail-pipe', { kind: 'exited', status: 0 });
  book.entered(1, SITE, 'mail-pipe', { kind: 'exited', status: 0 });
  book.entered(2, SITE, 'mail-pipe', { kind: 'starved', what: 'memory', status: 1 });
  book.entered(3, SITE, 'mail-pipe', { kind: 'exited', status: 1 });
  book.entered(4, SITE, 'exec', { kind: 'exited', status: 1 });
  book.woke(5, SITE, 61.4);
  const [window] = book.ended(WINDOW_MS);
  expect(window).toMatchObject({ wakes: 1, wakeMilliseconds: [61] });
  expect(window?.mail).toEqual([
    { outcome: 'delivered', count: 2 },
    { outcome: 'deferred', count: 1 },
    { outcome: 'refused', count: 1 },
  ]);
});
