import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import type { SiteWish } from '#model/node/desired.ts';
import type { InstanceRecord, SiteRecord } from '../node/ledger.ts';
import { decideSite, preparedFingerprint, type SiteSituation, servedFingerprint } from './decide.ts';

const SITE = makeId('site', randomBytes(20));
const IMAGE = `sha256:${'a'.repeat(64)}` as const;
const NOW = 1_800_000_000_000;

function instance(phase: InstanceRecord['phase']): InstanceRecord {
  return {
    id: makeId('instance', randomBytes(20)),
    name: phase,
    image: IMAGE,
    address: '10.64.0.2',
    phase,
    since: NOW,
  };
}
const CURRENT = instance('current');
const FORMER = instance('draining');
const RECORD = { id: SITE, instances: [CURRENT, FORMER] } as unknown as SiteRecord;

function wished(own: Partial<SiteWish>): SiteWish {
  const wish = { id: SITE, image: IMAGE, suspended: false, primaryName: 'a.example', hosts: [], limits: {}, ...own };
  return wish as unknown as SiteWish;
}

function situation(wish: SiteWish | undefined, isSuspended: boolean): SiteSituation {
  return {
    id: SITE,
    wish,
    tombstone: wish === undefined ? { kind: 'site', id: SITE, deletedAt: NOW, purgeAfter: NOW + 1e9 } : undefined,
    record: RECORD,
    observed: {
      life: isSuspended ? 'suspended' : 'running',
      prepared: wish === undefined ? undefined : preparedFingerprint(wish),
      linked: new Set([CURRENT.id]),
      contained: new Set([FORMER.id]),
      entered: new Set([FORMER.id]),
      oversized: false,
      served: wish === undefined ? undefined : servedFingerprint(wish),
    },
    purgedAt: undefined,
    unpacked: new Set([IMAGE]),
    hasEdge: true,
    now: NOW + 1,
  };
}

const RETIRE = { do: 'retire-instance', site: SITE, instance: FORMER.id };

test('a former instance of a site that lives may end what it has begun', () => {
  expect(decideSite(situation(wished({}), false)).actions).toEqual([]);
});

test('one of a suspended or a deleted site is ended at once, whatever runs in it', () => {
  expect(decideSite(situation(wished({ suspended: true }), true)).actions).toEqual([RETIRE]);
  expect(decideSite(situation(wished({ suspended: true }), false)).actions).toContainEqual(RETIRE);
  expect(decideSite(situation(undefined, true)).actions).toEqual([RETIRE]);
  expect(decideSite(situation(undefined, false)).actions).toContainEqual(RETIRE);
});

test('one that holds more memory than its plan allows has a successor of the same image', () => {
  const { observed, ...others } = situation(wished({}), false);
  const admit = { do: 'admit-instance', site: SITE, image: IMAGE };
  expect(decideSite({ ...others, observed: { ...observed, oversized: true } }).actions).toEqual([admit]);
  const next = instance('next');
  const record = { id: SITE, instances: [CURRENT, next] } as unknown as SiteRecord;
  const linked = new Set([CURRENT.id, next.id]);
  const flip = { do: 'flip-site', site: SITE, instance: next.id };
  expect(decideSite({ ...others, record, observed: { ...observed, linked, oversized: true } }).actions).toEqual([flip]);
});

test('certificates are gone over once for each wish', () => {
  let looks = 0;
  const wish = wished({});
  Object.defineProperty(wish, 'hosts', {
    get: () => {
      looks += 1;
      return [];
    },
  });
  const first = servedFingerprint(wish);
  expect(servedFingerprint(wish)).toBe(first);
  expect(looks).toBe(1);
  expect(servedFingerprint(wished({ suspended: true }))).not.toBe(first);
});
