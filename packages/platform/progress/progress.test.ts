import { expect, test, vi } from 'vitest';
import { type StepEvent, step } from './progress.ts';
import { duration, endedLine, makeReporter } from './reporter.ts';

const NAME = { step: 'images', title: 'Images' };

test('a step says that it began, what it does, and what came of it', async () => {
  const events: StepEvent[] = [];
  const made = await step(
    (event) => events.push(event),
    NAME,
    async (detail, conclude) => {
      detail('edge');
      conclude('3 built');
      return 42;
    },
  );
  expect(made).toBe(42);
  expect(events.map(({ state, detail }) => [state, detail])).toEqual([
    ['started', undefined],
    ['working', 'edge'],
    ['done', '3 built'],
  ]);
});

test('a failed step says so and throws on', async () => {
  const events: StepEvent[] = [];
  const failing = step(
    (event) => events.push(event),
    NAME,
    () => Promise.reject(new Error('no space')),
  );
  await expect(failing).rejects.toThrow('no space');
  expect(events.at(-1)).toMatchObject({ state: 'failed', detail: 'no space' });
});

test('without a terminal there is one line a step and nothing else', async () => {
  let shown = '';
  const reporter = makeReporter({ write: (text) => (shown += text) });
  await step(reporter.progress, NAME, async (detail, conclude) => {
    detail('edge');
    conclude('done');
  });
  reporter.close();
  expect(shown).toMatch(/^✓ Images \(0\.0 s\) {2}done\n$/);
});

test('on a terminal the line that moves is cleared before the line that stays, and is never wider than the screen', () => {
  vi.useFakeTimers();
  try {
    const written: string[] = [];
    const reporter = makeReporter({ isTTY: true, columns: 30, write: (text) => written.push(text) });
    reporter.progress({ ...NAME, state: 'started', seconds: 0 });
    reporter.progress({ ...NAME, state: 'working', seconds: 0, detail: `very ${'long '.repeat(20)}\u001b[31m` });
    vi.advanceTimersByTime(500);
    reporter.progress({ ...NAME, state: 'done', seconds: 0.5 });
    reporter.close();
    const moving = written.filter((text) => !text.endsWith('\n')).map((text) => text.replace('\r\u001b[2K', ''));
    expect(moving.length).toBeGreaterThan(2);
    for (const line of moving) {
      expect(line.length).toBeLessThan(30);
      expect(line).not.toContain('\u001b');
    }
    expect(written.at(-1)).toBe('\r\u001b[2K✓ Images (0.5 s)\n');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('durations are written as people say them', () => {
  expect([0.04, 9.94, 12.4, 59.4, 61, 600].map(duration)).toEqual([
    '0.0 s',
    '9.9 s',
    '12 s',
    '59 s',
    '1 min 1 s',
    '10 min 0 s',
  ]);
  expect(endedLine({ ...NAME, state: 'failed', seconds: 1, detail: 'why' })).toBe('✗ Images failed (1.0 s)');
});
