import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccountId, MailboxId, PersonId, SiteId } from '../id.ts';
import { decide, PROOF_MS, type Right, rolesTowards, SEES } from './decide.ts';
import type { ObjectKind, Place } from './place.ts';
import { ACCOUNT_ROLES, OPERATOR_ROLES, ROLES, SCOPES } from './role.ts';
import type { PersonCaller, Subject } from './subject.ts';
import { type Visibility, visibilityOf } from './visibility.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
// Few of each, so that chance often lets them meet.
const account = fc.constantFrom<AccountId>('acc_a', 'acc_b', 'acc_c');
/** A site belongs to one account. */
const sitesOf = (owner: AccountId) => [1, 2, 3].map((number): SiteId => `site_${owner}${number}`);
const mailbox = fc.constantFrom<MailboxId>('mbx_1', 'mbx_2');
const person = fc.constantFrom<PersonId>('per_1', 'per_2');
const provenAt = fc.integer({ min: 0, max: 2 * PROOF_MS }).map((ago) => new Date(NOW.getTime() - ago));

const session = fc.record({
  kind: fc.constant('session' as const),
  session: fc.constant('ses_1' as const),
  provenAt,
  support: fc.option(fc.record({ id: fc.constant('sup_1' as const), account, writes: fc.boolean() })),
});
const token = fc.record({
  kind: fc.constant('token' as const),
  token: fc.constant('tok_1' as const),
  scopes: fc.subarray([...SCOPES]),
  account: fc.option(account),
});
const anyPerson: fc.Arbitrary<PersonCaller> = fc.record({
  kind: fc.constant('person' as const),
  person,
  operatorRole: fc.option(fc.constantFrom(...OPERATOR_ROLES)),
  memberships: fc.uniqueArray(
    account.chain((id) =>
      fc.record({
        account: fc.constant(id),
        role: fc.constantFrom(...ACCOUNT_ROLES),
        sites: fc.subarray(sitesOf(id)),
      }),
    ),
    { selector: (membership) => membership.account },
  ),
  via: fc.oneof(session, token),
});
const anyMailbox = fc.record({
  kind: fc.constant('mailbox' as const),
  mailbox,
  session: fc.constant('ses_1' as const),
  provenAt,
});
const anySubject: fc.Arbitrary<Subject> = fc.oneof(anyPerson, anyMailbox);

const accountPlace = account.map((id): Place => ({ kind: 'account', id, account: id }));
const heldPlace: fc.Arbitrary<Place> = account.chain((id) => {
  const held = { account: fc.constant(id), sites: fc.subarray(sitesOf(id)) };
  return fc.oneof<fc.Arbitrary<Place>[]>(
    fc.record({ kind: fc.constant('site' as const), id: fc.constantFrom(...sitesOf(id)), account: held.account }),
    fc.record({ kind: fc.constant('domain' as const), id: fc.constant('dom_1' as const), ...held }),
    fc.record({ kind: fc.constant('mailbox' as const), id: mailbox, ...held }),
    fc.record({ kind: fc.constant('forwarder' as const), id: fc.constant('fwd_1' as const), ...held }),
  );
});
const accountish = fc.oneof(accountPlace, heldPlace) as fc.Arbitrary<Extract<Place, { account: AccountId }>>;
const anyPlace: fc.Arbitrary<Place> = fc.oneof(
  accountish,
  fc.record({ kind: fc.constant('person' as const), id: person }),
  fc.constantFrom<Place>({ kind: 'installation' }, { kind: 'self' }, { kind: 'mine' }),
);
const anyRight: fc.Arbitrary<Right> = fc
  .record({
    may: fc.subarray([...ROLES]),
    scope: fc.constantFrom(...SCOPES),
    stepUp: fc.boolean(),
    bySession: fc.boolean(),
  })
  .map(({ stepUp, bySession, ...right }) => ({
    ...right,
    ...(stepUp ? { stepUp } : {}),
    ...(bySession ? { bySession } : {}),
  }));

const RUNS = { numRuns: 2000 };

describe('for every right, caller and object', () => {
  test('without membership, operator role or being it, nobody is admitted, and nothing is told', () => {
    fc.assert(
      fc.property(anyRight, anyPerson, accountish, (right, caller, place) => {
        const stranger = {
          ...caller,
          operatorRole: null,
          memberships: caller.memberships.filter((membership) => membership.account !== place.account),
        };
        expect(decide(right, stranger, place, NOW)).toEqual({ admitted: false, why: 'hidden' });
        expect(decide(right, stranger, undefined, NOW)).toEqual({ admitted: false, why: 'hidden' });
      }),
      RUNS,
    );
  });

  test('a token does nothing that a fresh session of the same person may not', () => {
    fc.assert(
      fc.property(anyRight, anyPerson, anyPlace, (right, caller, place) => {
        fc.pre(caller.via.kind === 'token');
        const verdict = decide(right, caller, place, NOW);
        const atScreen: PersonCaller = {
          ...caller,
          via: { kind: 'session', session: 'ses_1', provenAt: NOW, support: null },
        };
        if (verdict.admitted) expect(decide(right, atScreen, place, NOW)).toMatchObject({ admitted: true });
        expect(rolesTowards(atScreen, place)).toEqual(expect.arrayContaining(rolesTowards(caller, place)));
      }),
      RUNS,
    );
  });

  test('one more scope takes nothing away, and one less adds nothing', () => {
    fc.assert(
      fc.property(anyRight, anyPerson, anyPlace, fc.constantFrom(...SCOPES), (right, caller, place, scope) => {
        fc.pre(caller.via.kind === 'token');
        if (caller.via.kind !== 'token') return;
        const less = { ...caller, via: { ...caller.via, scopes: caller.via.scopes.filter((each) => each !== scope) } };
        if (decide(right, less, place, NOW).admitted) expect(decide(right, caller, place, NOW).admitted).toBe(true);
      }),
      RUNS,
    );
  });

  test('a token that is bound to an account reaches no other', () => {
    fc.assert(
      fc.property(anyRight, anyPerson, accountish, (right, caller, place) => {
        fc.pre(caller.via.kind === 'token' && caller.via.account !== null && caller.via.account !== place.account);
        expect(decide(right, caller, place, NOW)).toEqual({ admitted: false, why: 'hidden' });
        expect(decide(right, caller, { kind: 'installation' }, NOW).admitted).toBe(false);
      }),
      RUNS,
    );
  });

  test('who only reads is not admitted to what is for others', () => {
    const readers = ['reader', 'supporting', 'approver'] as const;
    const writing = anyRight.map((right) => ({
      ...right,
      may: right.may.filter((role) => !readers.some((each) => each === role)),
    }));
    fc.assert(
      fc.property(writing, anyPerson, accountish, (right, caller, place) => {
        fc.pre(rolesTowards(caller, place).every((role) => readers.some((each) => each === role)));
        expect(decide(right, caller, place, NOW).admitted).toBe(false);
      }),
      RUNS,
    );
  });

  test('a right that needs a fresh proof is not had by an old one', () => {
    fc.assert(
      fc.property(anyRight, anySubject, anyPlace, (right, caller, place) => {
        const provenAt = new Date(NOW.getTime() - PROOF_MS - 1);
        const stale: Subject =
          caller.kind === 'person' && caller.via.kind === 'session'
            ? { ...caller, via: { ...caller.via, provenAt } }
            : caller.kind === 'mailbox'
              ? { ...caller, provenAt }
              : caller;
        fc.pre(stale !== caller);
        expect(decide({ ...right, stepUp: true }, stale, place, NOW).admitted).toBe(false);
      }),
      RUNS,
    );
  });

  test('lists show exactly what is not hidden', () => {
    fc.assert(
      fc.property(anySubject, anyPlace, (caller, place) => {
        if (place.kind === 'installation' || place.kind === 'self' || place.kind === 'mine') return;
        const verdict = decide({ may: [...ROLES], scope: 'read' }, caller, place, NOW);
        const hidden = !verdict.admitted && verdict.why === 'hidden';
        expect(shows(visibilityOf(caller, place.kind), place)).toBe(!hidden);
      }),
      RUNS,
    );
  });

  test('what is for the machine is for no person', () => {
    fc.assert(
      fc.property(anyRight, anySubject, anyPlace, (right, caller, place) => {
        expect(decide({ ...right, byMachine: true }, caller, place, NOW).admitted).toBe(false);
      }),
      RUNS,
    );
  });

  test('the machine may whatever an administrator may', () => {
    fc.assert(
      fc.property(anyRight, anyPlace, (right, place) => {
        const may = [...right.may, 'administrator'] as const;
        const verdict = decide({ ...right, may }, { kind: 'machine' }, place, NOW);
        const own = place.kind === 'self' || (place.kind === 'mine' && !may.includes('self'));
        expect(verdict.admitted).toBe(!own);
      }),
      RUNS,
    );
  });
});

/** As the queries read a visibility. */
function shows(visibility: Visibility, place: Extract<Place, { kind: ObjectKind }>): boolean {
  if (visibility.all) return true;
  const { accounts, partly, sites, mailbox, person } = visibility;
  if (place.kind === 'person') return place.id === person;
  if (accounts.includes(place.account)) return true;
  if (place.kind === 'account') return partly.includes(place.id);
  if (place.kind === 'mailbox' && place.id === mailbox) return true;
  const ofPlace = place.kind === 'site' ? [place.id] : place.sites;
  return partly.includes(place.account) && ofPlace.some((each) => sites.includes(each));
}

describe('examples', () => {
  const RIGHT: Right = { may: ['owner', 'collaborator', 'supporting-writer'], scope: 'write' };
  const base: PersonCaller = {
    kind: 'person',
    person: 'per_1',
    operatorRole: null,
    memberships: [],
    via: { kind: 'session', session: 'ses_1', provenAt: NOW, support: null },
  };
  const place: Place = { kind: 'site', id: 'site_1', account: 'acc_a' };
  const member = (role: (typeof ACCOUNT_ROLES)[number], sites: SiteId[] = []): PersonCaller => ({
    ...base,
    memberships: [{ account: 'acc_a', role, sites }],
  });
  const supporting = (operatorRole: PersonCaller['operatorRole'], writes: boolean): PersonCaller => ({
    ...base,
    operatorRole,
    via: { kind: 'session', session: 'ses_1', provenAt: NOW, support: { id: 'sup_1', account: 'acc_a', writes } },
  });

  test.each<[string, Subject, string]>([
    ['an owner', member('owner'), 'admitted'],
    ['a reader', member('reader'), 'role'],
    ['a collaborator of the site', member('collaborator', ['site_1']), 'admitted'],
    ['a collaborator of another site', member('collaborator', ['site_2']), 'hidden'],
    ['a stranger', base, 'hidden'],
    ['an administrator who is no support', { ...base, operatorRole: 'administrator' }, 'role'],
    ['support that looks', supporting('support', false), 'role'],
    ['support that may change', supporting('support', true), 'admitted'],
    ['support that is no operator any more', supporting(null, true), 'hidden'],
    ['an approver with a support access', supporting('approver', true), 'role'],
    ['the machine', { kind: 'machine' }, 'admitted'],
    ['a mailbox', { kind: 'mailbox', mailbox: 'mbx_1', session: 'ses_1', provenAt: NOW }, 'hidden'],
  ])('%s', (_name, caller, expected) => {
    const verdict = decide(RIGHT, caller, place, NOW);
    expect(verdict.admitted ? 'admitted' : verdict.why).toBe(expected);
  });

  test('a collaborator sees the mail of the domains of his sites, and of no other', () => {
    const caller = member('collaborator', ['site_1']);
    const box = (sites: SiteId[]): Place => ({ kind: 'mailbox', id: 'mbx_1', account: 'acc_a', sites });
    expect(rolesTowards(caller, box(['site_1', 'site_3']))).toEqual(['collaborator']);
    expect(rolesTowards(caller, box(['site_3']))).toEqual([]);
  });

  test('whoever may be admitted to a kind of objects may see it', () => {
    for (const roles of Object.values(SEES)) expect(ROLES).toEqual(expect.arrayContaining([...roles]));
  });
});
