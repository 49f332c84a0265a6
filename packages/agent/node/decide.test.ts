import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DomainId, type InstanceId, makeId, type SiteId } from '#model/id.ts';
import type { DesiredState, ImageDigest, SiteWish, Tombstone } from '#model/node/desired.ts';
import { PLANS } from '#model/plan/plan.ts';
import type { SiteObservation } from '../site/decide.ts';
import { refusal } from './accept.ts';
import { type Action, decide, type Observed } from './decide.ts';
import {
  admitDomain,
  admitInstance,
  admitService,
  admitSite,
  currentInstance,
  forgetInstance,
  forgetService,
  type Ledger,
  newLedger,
  purgeDomain,
  purgeSite,
  switchInstance,
  switchService,
} from './ledger.ts';
import { parseLedger } from './ledger-file.ts';

const SLOT = 7;
let seed = 0;
/** Different at every call, the same in every run. */
function random(length: number): Uint8Array {
  seed += 1;
  return Uint8Array.from(
    { length },
    (_, index) => (seed * 131 + index * 17 + (seed >> 8) * 7 + (seed >> (index % 16))) & 255,
  );
}
const INSTALLATION = makeId('installation', random(20));
const NODE = makeId('node', random(20));
const SITES = Array.from({ length: 5 }, () => makeId('site', random(20)));
const DOMAINS = Array.from({ length: 3 }, () => makeId('domain', random(20)));
const IMAGES = ['a', 'b', 'c'].map((letter): ImageDigest => `sha256:${letter.repeat(64)}`);
const START = 1_800_000_000_000;

interface World {
  ledger: Ledger;
  sites: Map<SiteId, SiteObservation>;
  containers: Map<InstanceId, 'none' | 'starting' | 'ready'>;
  published: { edge: InstanceId | undefined; mail: InstanceId | undefined };
  unpacked: Set<ImageDigest>;
  mail: string | undefined;
  gate: string | undefined;
}

function newWorld(): World {
  return {
    ledger: { ...newLedger(INSTALLATION, random), node: NODE },
    sites: new Map(),
    containers: new Map(),
    published: { edge: undefined, mail: undefined },
    unpacked: new Set(),
    mail: undefined,
    gate: undefined,
  };
}

function observe(world: World): Observed {
  return {
    unpacked: world.unpacked,
    sites: world.sites,
    services: {
      edge: { notBefore: new Map(), containers: world.containers, published: world.published.edge },
      mail: { notBefore: new Map(), containers: world.containers, published: world.published.mail },
    },
    mail: world.mail,
    gate: world.gate,
    hasEdge: world.published.edge !== undefined,
  };
}

function change(world: World, site: SiteId, to: Partial<SiteObservation>): void {
  const fresh: SiteObservation = {
    life: 'asleep',
    prepared: undefined,
    linked: new Set(),
    contained: new Set(),
    entered: new Set(),
    oversized: false,
    served: undefined,
  };
  world.sites.set(site, { ...fresh, ...world.sites.get(site), ...to });
}

/** What the agent's executors do, without a machine. */
function apply(world: World, action: Action, now: number): void {
  switch (action.do) {
    case 'unpack-image':
      world.unpacked.add(action.image);
      return;
    case 'admit-site':
      world.ledger = admitSite(world.ledger, SLOT, action.site, action.image, now, random);
      change(world, action.site, {});
      return;
    case 'prepare-site':
      change(world, action.site, { prepared: action.fingerprint });
      return;
    case 'prepare-instance':
      change(world, action.site, {
        linked: new Set([...(world.sites.get(action.site)?.linked ?? []), action.instance]),
      });
      return;
    case 'suspend-site':
      change(world, action.site, { life: 'suspended', contained: new Set() });
      return;
    case 'resume-site':
      change(world, action.site, { life: 'asleep' });
      return;
    case 'admit-instance':
      world.ledger = admitInstance(world.ledger, action.site, action.image, now, random);
      return;
    case 'flip-site':
      change(world, action.site, {
        contained: new Set([...(world.sites.get(action.site)?.contained ?? []), action.instance]),
      });
      world.ledger = switchInstance(world.ledger, action.site, now);
      return;
    case 'switch-site':
      world.ledger = switchInstance(world.ledger, action.site, now);
      return;
    case 'retire-instance':
      world.ledger = forgetInstance(world.ledger, action.site, action.instance);
      return;
    case 'serve-site':
      change(world, action.site, { served: action.fingerprint });
      return;
    case 'withdraw-site':
      change(world, action.site, { served: undefined });
      return;
    case 'purge-site':
      world.ledger = purgeSite(world.ledger, action.site, now);
      world.sites.delete(action.site);
      return;
    case 'admit-service':
      world.ledger = admitService(world.ledger, action.service, action.image, now, random);
      return;
    case 'start-service':
      world.containers.set(action.instance, 'ready');
      return;
    case 'replace-service':
      world.containers.set(action.instead, 'none');
      world.containers.set(action.instance, 'ready');
      return;
    case 'switch-service':
      world.ledger = switchService(world.ledger, action.instance, now);
      return;
    case 'publish-service':
      world.published[action.service] = action.instance;
      return;
    case 'retire-service':
      world.ledger = forgetService(world.ledger, action.instance);
      world.containers.delete(action.instance);
      return;
    case 'admit-domains':
      for (const domain of action.domains) world.ledger = admitDomain(world.ledger, domain, random);
      return;
    case 'write-mail':
      world.mail = action.fingerprint;
      return;
    case 'purge-domain':
      world.ledger = purgeDomain(world.ledger, action.domain, now);
      return;
    case 'tell-gate':
      world.gate = action.fingerprint;
      return;
    default:
      action satisfies never;
  }
}

/** Decides and applies until nothing is left to do; fails when that does not come. */
function settle(world: World, desired: DesiredState, now: number): Action[] {
  const done: Action[] = [];
  for (let round = 0; round < 20; round += 1) {
    const { actions } = decide(desired, observe(world), world.ledger, now);
    if (actions.length === 0) return done;
    for (const action of actions) apply(world, action, now);
    done.push(...actions);
  }
  throw new Error('it never settles');
}

function siteWish(id: SiteId, image: ImageDigest, suspended: boolean, version: number): SiteWish {
  const name = `${id.slice(5, 9)}.example.org`;
  const limits = { ...PLANS[0].limits, mailPerHour: version };
  const certificate = { chain: `chain ${version}`, key: 'key' };
  return { id, image, limits, suspended, primaryName: name, hosts: [{ name, redirectToHttps: true, certificate }] };
}

type Fate = { fate: 'wished'; image: number; suspended: boolean; version: number } | { fate: 'deleted' | 'absent' };
const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({
    fate: fc.constant('wished' as const),
    image: fc.nat(2),
    suspended: fc.boolean(),
    version: fc.nat(2),
  }),
  fc.constant({ fate: 'deleted' as const }),
  fc.constant({ fate: 'absent' as const }),
);
const step = fc.record({
  sites: fc.array(fate, { minLength: SITES.length, maxLength: SITES.length }),
  domains: fc.array(fc.constantFrom('wished', 'deleted', 'absent'), { minLength: 3, maxLength: 3 }),
  edge: fc.nat(2),
  mail: fc.nat(2),
  passes: fc.integer({ min: 0, max: 200_000 }),
  lives: fc.array(fc.constantFrom('asleep', 'running', 'failed'), { minLength: 5, maxLength: 5 }),
});

function desiredOf(
  wanted: typeof step extends fc.Arbitrary<infer T> ? T : never,
  revision: number,
  now: number,
): DesiredState {
  const sites: SiteWish[] = [];
  const tombstones: Tombstone[] = [];
  const tombstone = (kind: 'site' | 'domain', id: SiteId | DomainId) =>
    tombstones.push({ kind, id, deletedAt: now, purgeAfter: now + 100_000 });
  wanted.sites.forEach((one, index) => {
    const id = at(SITES, index);
    if (one.fate === 'wished') sites.push(siteWish(id, at(IMAGES, one.image), one.suspended, one.version));
    if (one.fate === 'deleted') tombstone('site', id);
  });
  const domains = DOMAINS.filter((_, index) => wanted.domains[index] === 'wished').map((id) => ({
    id,
    name: `${id.slice(4, 9)}.example.net`,
    limitBytes: 1,
  }));
  DOMAINS.filter((_, index) => wanted.domains[index] === 'deleted').map((id) => tombstone('domain', id));
  return {
    installation: INSTALLATION,
    node: NODE,
    revision,
    services: { edge: { image: at(IMAGES, wanted.edge) }, mail: { image: at(IMAGES, wanted.mail) } },
    sites,
    mail: { domains, mailboxes: [], forwarders: [] },
    tombstones,
  };
}

function at<T>(list: readonly T[], index: number): T {
  const one = list[index];
  if (one === undefined) throw new RangeError(`nothing at ${index}`);
  return one;
}

describe('decide', () => {
  test('settles on what is wished, deletes by tombstone only, leaves alone what is missing', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const world = newWorld();
        let now = START;
        steps.forEach((wanted, index) => {
          now += wanted.passes;
          const desired = desiredOf(wanted, index + 1, now);
          const before = world.ledger;
          const done = settle(world, desired, now);
          checkUntouched(done, before, desired, now);
          checkSettled(world, desired);
          SITES.forEach((id, place) => {
            const known = world.sites.get(id);
            const record = world.ledger.sites[id];
            if (known === undefined || known.life === 'suspended' || record === undefined) return;
            const life = at(wanted.lives, place);
            change(world, id, { life, contained: new Set(life === 'running' ? [currentInstance(record).id] : []) });
          });
          // A ledger that any sequence of changes leads to can be read back.
          expect(parseLedger(JSON.stringify(world.ledger))).toEqual(world.ledger);
        });
        now += 1_000_000;
        const last = desiredOf(at(steps, steps.length - 1), steps.length + 1, START - 200_000);
        settle(world, last, now);
        for (const { id } of last.sites) expect(world.ledger.sites[id]?.instances).toHaveLength(1);
        for (const { id } of last.tombstones) expect(world.ledger.sites[id as SiteId]).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  test('never gives a uid, a folder or an address twice', () => {
    const world = newWorld();
    const seen = new Set<string | number>();
    for (let revision = 1; revision <= 40; revision += 1) {
      const id = makeId('site', random(20));
      const image = at(IMAGES, revision % 3);
      world.ledger = admitSite(world.ledger, SLOT, id, image, START, random);
      world.ledger = admitInstance(world.ledger, id, image, START, random);
      const record = world.ledger.sites[id];
      for (const one of [
        record?.uid,
        record?.folder,
        ...(record?.instances ?? []).map((instance) => instance.address),
      ]) {
        if (one === undefined) throw new Error('missing');
        expect(seen.has(one)).toBe(false);
        seen.add(one);
      }
      if (revision % 2 === 0) world.ledger = purgeSite(world.ledger, id, START);
    }
  });
});

function checkUntouched(done: readonly Action[], before: Ledger, desired: DesiredState, now: number): void {
  const wished = new Set<string>(desired.sites.map((one) => one.id));
  const dead = new Map(desired.tombstones.map((one) => [one.id as string, one.purgeAfter]));
  for (const action of done) {
    if ('site' in action && !wished.has(action.site)) expect(dead.has(action.site)).toBe(true);
    if (action.do === 'purge-site') {
      expect(wished.has(action.site)).toBe(false);
      expect(dead.get(action.site)).toBeLessThanOrEqual(now);
    }
    if (action.do === 'purge-domain') expect(dead.get(action.domain)).toBeLessThanOrEqual(now);
    if (action.do === 'retire-instance') {
      const current = Object.values(before.sites).find((one) => one.id === action.site);
      // What served before is only taken away once another one serves.
      if (current !== undefined && currentInstance(current).id === action.instance) {
        expect(
          done.some((one) => 'site' in one && one.site === action.site && /^(flip|switch)-site$/.test(one.do)),
        ).toBe(true);
      }
    }
  }
}

function checkSettled(world: World, desired: DesiredState): void {
  for (const wish of desired.sites) {
    const record = world.ledger.sites[wish.id];
    if (record === undefined) throw new Error(`${wish.id} is missing`);
    expect(currentInstance(record).image).toBe(wish.image);
    expect(record.instances.some((one) => one.phase === 'next')).toBe(false);
    expect(world.sites.get(wish.id)?.life === 'suspended').toBe(wish.suspended);
  }
  for (const kind of ['edge', 'mail'] as const) {
    const current = world.ledger.services.find((one) => one.kind === kind && one.phase === 'current');
    expect(current?.image).toBe(desired.services[kind].image);
    expect(world.published[kind]).toBe(current?.id);
  }
}

describe('refusal', () => {
  const wish = desiredOf(
    {
      sites: SITES.map(() => ({ fate: 'wished', image: 0, suspended: false, version: 0 })),
      domains: ['wished', 'wished', 'wished'],
      edge: 0,
      mail: 0,
      passes: 0,
      lives: [],
    },
    5,
    START,
  );
  const settled = newWorld();
  settle(settled, wish, START);
  const ledger: Ledger = { ...settled.ledger, revision: 5 };
  const judge = (desired: DesiredState, confirmedRevision?: number) =>
    refusal({ desired, ledger, previous: wish, confirmedRevision })?.code;

  test('accepts what follows, also when nothing changed', () => {
    expect(judge(wish)).toBeUndefined();
    expect(judge({ ...wish, revision: 6, sites: wish.sites.slice(1) })).toBeUndefined();
  });

  test('refuses another installation, another node, the past, the void', () => {
    expect(judge({ ...wish, installation: makeId('installation', random(20)) })).toBe('desired.foreign-installation');
    expect(judge({ ...wish, node: makeId('node', random(20)) })).toBe('desired.foreign-node');
    expect(judge({ ...wish, revision: 4 })).toBe('desired.older-revision');
    expect(judge({ ...wish, revision: 9, sites: [] })).toBe('desired.empty');
  });

  test('refuses to remove many at once, unless this very revision was confirmed', () => {
    const many = {
      ...wish,
      sites: Array.from({ length: 60 }, () => siteWish(makeId('site', random(20)), at(IMAGES, 0), false, 0)),
    };
    const few = { ...many, revision: 8, sites: many.sites.slice(0, 40) };
    const refused = (confirmedRevision?: number) =>
      refusal({ desired: few, ledger, previous: many, confirmedRevision })?.code;
    expect(refused()).toBe('desired.mass-removal');
    expect(refused(7)).toBe('desired.mass-removal');
    expect(refused(8)).toBeUndefined();
  });

  test('a mass of tombstones is a removal too', () => {
    const many = {
      ...wish,
      sites: Array.from({ length: 30 }, () => siteWish(makeId('site', random(20)), at(IMAGES, 0), false, 0)),
    };
    const tombstones = many.sites
      .slice(0, 20)
      .map((one) => ({ kind: 'site' as const, id: one.id, deletedAt: 0, purgeAfter: 0 }));
    const gone = { ...many, revision: 8, sites: many.sites.slice(20), tombstones };
    expect(refusal({ desired: gone, ledger, previous: many, confirmedRevision: undefined })?.code).toBe(
      'desired.mass-removal',
    );
  });
});

describe('a ledger that was damaged', () => {
  const world = newWorld();
  world.ledger = admitSite(world.ledger, SLOT, at(SITES, 0), at(IMAGES, 0), START, random);
  const text = JSON.stringify(world.ledger);

  test('is named broken, never begun anew', () => {
    for (const wreck of ['', '{', text.slice(0, -10), '[]', text.replace('"version":1', '"version":2')]) {
      expect(() => parseLedger(wreck)).toThrow(/ledger cannot be read/);
    }
  });

  test('that gives one uid to two sites is refused', () => {
    const record = world.ledger.sites[at(SITES, 0)];
    const twin = { ...record, id: at(SITES, 1) };
    const wreck = { ...world.ledger, sites: { ...world.ledger.sites, [at(SITES, 1)]: twin } };
    expect(() => parseLedger(JSON.stringify(wreck))).toThrow(/given twice/);
  });
});
