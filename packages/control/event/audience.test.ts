import { describe, expect, test } from 'vitest';
import type { AccountRole, OperatorRole } from '#model/right/role.ts';
import type { PersonCaller, Subject } from '#model/right/subject.ts';
import { audienceOf, sees } from './audience.ts';
import type { PlacedHint } from './hint.ts';

const ALICE = 'acc_00000000000000000001';
const BOB = 'acc_00000000000000000002';
const SITE = 'site_00000000000000000001';
const OTHER_SITE = 'site_00000000000000000002';
const PERSON = 'per_00000000000000000001';

function person(role: AccountRole | null, operatorRole: OperatorRole | null = null): PersonCaller {
  return {
    kind: 'person',
    person: PERSON,
    operatorRole,
    memberships: role === null ? [] : [{ account: ALICE, role, sites: role === 'collaborator' ? [SITE] : [] }],
    via: { kind: 'session', session: 'ses_00000000000000000001', provenAt: new Date(0), support: null },
  };
}

const mailbox: Subject = {
  kind: 'mailbox',
  mailbox: 'mbx_00000000000000000001',
  session: 'ses_00000000000000000001',
  provenAt: new Date(0),
};

const callers = {
  owner: person('owner'),
  reader: person('reader'),
  collaborator: person('collaborator'),
  stranger: person(null),
  administrator: person(null, 'administrator'),
  approver: person(null, 'approver'),
  mailbox,
  machine: { kind: 'machine' },
} as const satisfies Readonly<Record<string, Subject>>;
type Name = keyof typeof callers;

const blank: PlacedHint = {
  id: 1,
  kind: '',
  object: '',
  account: null,
  site: null,
  domain: null,
  person: null,
  version: null,
};

describe('a hint is for', () => {
  test.each<[string, Partial<PlacedHint>, readonly string[], readonly Name[]]>([
    [
      'an account',
      { kind: 'account', object: ALICE, account: ALICE },
      [],
      ['owner', 'reader', 'collaborator', 'administrator', 'approver', 'machine'],
    ],
    [
      'a site that a collaborator has',
      { kind: 'site', account: ALICE, site: SITE },
      [],
      ['owner', 'reader', 'collaborator', 'administrator', 'approver', 'machine'],
    ],
    [
      'a site that he has not',
      { kind: 'site', account: ALICE, site: OTHER_SITE },
      [],
      ['owner', 'reader', 'administrator', 'approver', 'machine'],
    ],
    [
      'a site of another',
      { kind: 'site', account: BOB, site: OTHER_SITE },
      [],
      ['administrator', 'approver', 'machine'],
    ],
    [
      'what probes found',
      { kind: 'probe', account: ALICE, site: SITE },
      [],
      ['owner', 'reader', 'collaborator', 'administrator', 'approver', 'machine'],
    ],
    [
      'mail of his site',
      { kind: 'forwarder', account: ALICE },
      [SITE],
      ['owner', 'reader', 'collaborator', 'administrator', 'machine'],
    ],
    [
      'mail of another site',
      { kind: 'domain', account: ALICE },
      [OTHER_SITE],
      ['owner', 'reader', 'administrator', 'machine'],
    ],
    [
      'the own mailbox',
      { kind: 'mailbox', object: 'mbx_00000000000000000001', account: BOB },
      [],
      ['administrator', 'mailbox', 'machine'],
    ],
    ['a node', { kind: 'node' }, [], ['administrator', 'approver', 'machine']],
    [
      'a plan',
      { kind: 'plan' },
      [],
      ['owner', 'reader', 'collaborator', 'stranger', 'administrator', 'approver', 'machine'],
    ],
    [
      'the own session',
      { kind: 'session', person: PERSON },
      [],
      ['owner', 'reader', 'collaborator', 'stranger', 'administrator', 'approver'],
    ],
    ['a session of another', { kind: 'session', person: 'per_00000000000000000009' }, [], []],
    [
      'an invitation to the account',
      { kind: 'invitation', account: ALICE },
      [],
      ['owner', 'reader', 'administrator', 'machine'],
    ],
    ['something unheard of', { kind: 'new-thing', account: ALICE }, [], ['administrator', 'approver', 'machine']],
  ])('%s', (_name, hint, sites, expected) => {
    const seen = Object.entries(callers).filter(([, caller]) =>
      sees(audienceOf(caller), { ...blank, ...hint }, sites as never),
    );
    expect(seen.map(([name]) => name)).toEqual(expected);
  });
});
