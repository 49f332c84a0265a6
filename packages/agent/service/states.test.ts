import { expect, test } from 'vitest';
import type { ServiceInstanceRecord } from '../node/ledger.ts';
import { ServiceStates } from './states.ts';

const RECORD = { id: 'inst_1', kind: 'edge', image: 'sha256:1' } as unknown as ServiceInstanceRecord;

test('one that dies again and again is left alone longer each time, until it has run for a while', () => {
  let now = 0;
  const states = new ServiceStates(
    () => now,
    () => 0.5,
  );
  const waits = Array.from({ length: 4 }, () => {
    states.become(RECORD.id, 'ready', undefined);
    now += 1000;
    return states.died(RECORD.id, 'it ended').waitMs;
  });
  expect([...waits].sort((one, other) => one - other)).toEqual(waits);
  expect(states.of(RECORD.id).notBefore).toBe(now + (waits.at(-1) ?? 0));
  states.become(RECORD.id, 'ready', undefined);
  now += 60_000;
  expect(states.died(RECORD.id, 'it ended')).toEqual({ deaths: 1, waitMs: waits[0] });
});

test('only one that visitors are led to is said to run', () => {
  const states = new ServiceStates(
    () => 0,
    () => 0,
  );
  const shown = (isPublished: boolean) => states.report(RECORD, isPublished);
  expect(shown(false)).toMatchObject({ state: 'starting' });
  states.become(RECORD.id, 'ready', undefined);
  expect([shown(false).state, shown(true).state]).toEqual(['starting', 'running']);
  states.died(RECORD.id, 'it ended');
  expect(shown(true)).toMatchObject({ state: 'failed', reason: 'it ended' });
});
