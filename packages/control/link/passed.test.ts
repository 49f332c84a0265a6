import { expect, test } from 'vitest';
import type { NodeId } from '#model/id.ts';
import { PassedQuestions } from './passed.ts';

const ONE: NodeId = 'node_1';
const OTHER: NodeId = 'node_2';

test('only the node that was asked answers, and once', () => {
  const passed = new PassedQuestions(() => 0);
  passed.note(ONE, 'q', 'replica-a');
  expect(passed.take(OTHER, 'q')).toBeUndefined();
  expect(passed.take(ONE, 'q')).toBe('replica-a');
  expect(passed.take(ONE, 'q')).toBeUndefined();
});

test('a node that never answers costs no more than a bounded number, and nobody waits for ever', () => {
  let now = 0;
  const passed = new PassedQuestions(() => now);
  passed.note(OTHER, 'mine', 'replica-b');
  for (let n = 0; n < 10_000; n += 1) passed.note(ONE, `q${n}`, 'replica-a');
  expect(passed.size).toBeLessThanOrEqual(1001);
  expect(passed.take(ONE, 'q0')).toBeUndefined();
  expect(passed.take(ONE, 'q9999')).toBe('replica-a');
  expect(passed.take(OTHER, 'mine')).toBe('replica-b');
  now = 3600_000;
  expect(passed.take(ONE, 'q9998')).toBeUndefined();
  passed.note(ONE, 'late', 'replica-a');
  expect(passed.size).toBe(1);
  passed.forget(ONE);
  expect(passed.size).toBe(0);
});
