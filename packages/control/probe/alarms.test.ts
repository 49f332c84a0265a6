import { expect, test } from 'vitest';
import { alarmsOf } from './alarms.ts';

const sharp = { found: 84, looked: 85 };
const closed = { site: null, door: 'exec', holes: [], failure: null };

test('walls that hold are no alarm', () => {
  expect(alarmsOf([closed], sharp, [], 5)).toEqual([]);
});

test('a hole is one, told with its place and whose word it is', () => {
  const holes = ['call.mount', 'call.bpf'];
  expect(alarmsOf([{ ...closed, holes }], sharp, [], 5)).toEqual([
    { code: 'probe.open', message: 'From a decoy through exec: call.mount, call.bpf is open.', since: 5 },
  ]);
  const [alarm] = alarmsOf([{ ...closed, site: 'site_x', holes }], sharp, [], 5);
  expect(alarm?.message).toMatch(/^From site_x, by the word of its own container, through exec/);
});

test('it keeps its time while more or less is open at the same place', () => {
  const before = alarmsOf([{ ...closed, holes: ['call.mount'] }], sharp, [], 5);
  const looks = [
    { ...closed, holes: ['call.bpf'] },
    { ...closed, door: 'upload', holes: ['call.bpf'] },
  ];
  expect(alarmsOf(looks, sharp, before, 9).map(({ since }) => since)).toEqual([5, 9]);
});

test('that a decoy cannot look is an alarm; that a customer’s full site cannot is none', () => {
  const failure = 'the door did not open';
  expect(alarmsOf([{ ...closed, failure }], sharp, [], 5)).toMatchObject([{ code: 'probe.failed' }]);
  expect(alarmsOf([{ ...closed, site: 'site_x', failure }], sharp, [], 5)).toEqual([]);
});

test('probes that see too little where walls are missing prove too little elsewhere', () => {
  expect(alarmsOf([closed], { found: 70, looked: 85 }, [], 5)).toMatchObject([{ code: 'probe.blind' }]);
  expect(alarmsOf([closed], { found: 0, looked: 0 }, [], 5)).toMatchObject([{ code: 'probe.blind' }]);
});
