import { afterAll, beforeAll, expect, test } from 'vitest';
import { Neighbours, until } from './container/neighbours.ts';

/*
 * A site under control groups of version 2. The controllers of this machine may belong to version 1, so limits are read in
 * `hierarchy.test.ts`; that groups are made, entered, killed and removed is seen here.
 */
let sites: Neighbours;

beforeAll(async () => {
  sites = await Neighbours.begin({ sites: 1, onlyVersion2: true });
  await sites.call('start', 0);
});

afterAll(async () => {
  expect(await sites.end()).toEqual([]);
});

test('website and entry have groups of their own', async () => {
  const own = 'sed -n "s/^0:://p"';
  expect(await sites.say(`${own} /proc/1/cgroup`)).toBe('/web');
  expect(await sites.say(`${own} /proc/self/cgroup`)).toMatch(/^\/entry\/ent_[0-9a-z]{20}$/);
});

test('what an entry leaves behind ends with it', async () => {
  const { outcome } = await sites.enter(['sh', '-c', '(setsid sleep 300 &) ; exit 3']);
  expect(outcome).toEqual({ kind: 'exited', status: 3 });
  expect(await sites.call('groupsOf', 0, 'entry')).toEqual({ children: [], pids: [] });
});

test('the death of the container is told from that of the program', async () => {
  expect((await sites.enter(['sh', '-c', 'kill -KILL $$'])).outcome).toEqual({ kind: 'signalled', signal: 9 });
  const visit = sites.enter(['sh', '-c', 'echo begun; sleep 300'], { name: 'doomed' });
  await until(async () => (await sites.call('seen', 'doomed')) === 'begun\n');
  await sites.call('kill', (await sites.call('firstProcess', 0)) ?? 0, 'SIGKILL');
  expect((await visit).outcome).toEqual({ kind: 'container-died' });
  await sites.call('start', 0);
  expect(await sites.say('echo back')).toBe('back');
});
