import { getAccount } from '#contract/api/account.ts';
import { removeDomain } from '#contract/api/domain.ts';
import { createForwarder } from '#contract/api/forwarder.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { createSite, deleteSite } from '#contract/api/site.ts';
import { type AccountId, type MailboxId, makeId, type PersonId, type SiteId } from '#model/id.ts';
import { PROOF_MS } from '#model/right/decide.ts';
import type { ObjectKind } from '#model/right/place.ts';
import { SCOPES } from '#model/right/role.ts';
import type { Membership, PersonCaller, Subject } from '#model/right/subject.ts';
import type { Headers, TestControl } from './harness.ts';
import { makeMember, makeSession, makeTestToken } from './people.ts';
import { makePerson } from './visitor.ts';

/** One who may come: what he shows, and who he is to the pure decision; undefined when he is nobody. */
export interface Comer {
  readonly headers: Headers;
  readonly subject: Subject | undefined;
}

/** What somebody's account holds, by kind, as ids and as names. */
export interface Holdings {
  readonly ids: Readonly<Record<ObjectKind, string>>;
  readonly names: Readonly<Record<ObjectKind, string>>;
  readonly deleted: Readonly<Partial<Record<ObjectKind, string>>>;
  /** A second site, with mail, that the collaborator does not work on. */
  readonly others: readonly string[];
}

/** Gives an account an owner, and of each kind of things one, one more, and one that is deleted. */
export async function furnish(control: TestControl, account: string, owner: PersonId): Promise<Holdings> {
  const { id } = await control.call(getAccount, { params: { account } });
  await makeMember(control, owner, id as AccountId, 'owner');
  const site = async (name: string) =>
    await control.call(createSite, {
      body: { domain: `${name}.${account}.example`, account, overrideReason: 'made in a test' },
    });
  const first = await site('first');
  const second = await site('second');
  const gone = await site('gone');
  const mailbox = await control.call(createMailbox, { body: { address: `m@first.${account}.example` } });
  const forwarder = await control.call(createForwarder, {
    body: { address: `f@first.${account}.example`, to: ['x@example.net'] },
  });
  const hidden = await control.call(createMailbox, { body: { address: `hidden@second.${account}.example` } });
  await control.call(deleteSite, { params: { site: gone.id } });
  const removed = await control.call(removeDomain, { params: { domain: `gone.${account}.example` } });
  const domain = mailbox.domain;
  return {
    ids: { account: id, site: first.id, domain, mailbox: mailbox.id, forwarder: forwarder.id, person: owner },
    names: {
      account,
      site: first.name,
      domain: first.name,
      mailbox: mailbox.address,
      forwarder: forwarder.address,
      person: `${account === 'alice' ? 'owner' : 'stranger'}@${account}.example`,
    },
    deleted: { site: gone.id, domain: removed.id },
    others: [second.id, second.name, hidden.id, hidden.address],
  };
}

/** Everybody who may come: nobody, and people of every role towards the first of two accounts, by session and by token. */
export async function gatherComers(
  control: TestControl,
  own: Holdings,
  foreign: Holdings,
): Promise<Map<string, Comer>> {
  const comers = new Map<string, Comer>();
  const owner = own.ids.person as PersonId;
  const stranger = foreign.ids.person as PersonId;
  const { db, now } = control.control.context;
  const account = own.ids.account as AccountId;
  const site = own.ids.site as SiteId;
  const past = new Date(now().getTime() - 1000);
  const person = async (name: string, operatorRole?: 'administrator' | 'support' | 'approver') =>
    await makePerson(control, { email: `${name}@people.example`, ...(operatorRole && { operatorRole }) });
  const add = (name: string, headers: Headers, subject?: Subject) => void comers.set(name, { headers, subject });
  const inSession = async (
    name: string,
    id: PersonId,
    memberships: readonly Membership[],
    more: { operatorRole?: PersonCaller['operatorRole']; provenAt?: Date; writes?: boolean } = {},
  ) => {
    const { provenAt = now(), operatorRole = null, writes } = more;
    const session = await makeSession(control, id, { provenAt });
    let support: Extract<PersonCaller['via'], { kind: 'session' }>['support'] = null;
    if (writes !== undefined) {
      support = { id: makeId('support', control.control.context.random(20)), account, writes };
      await db
        .insertInto('support_access')
        .values({
          ...{ id: support.id, person_id: id, account_id: account, reason: 'a test', writes },
          ...{ expires_at: new Date(now().getTime() + 3600_000), ended_at: null, allowed_by: null },
        })
        .execute();
      await db.updateTable('session').set({ support_access_id: support.id }).where('id', '=', session.id).execute();
    }
    const via = { kind: 'session', session: session.id, provenAt, support } as const;
    add(name, session.headers, { kind: 'person', person: id, operatorRole, memberships, via });
  };
  const byToken = async (
    name: string,
    id: PersonId,
    memberships: readonly Membership[],
    scopes: readonly (typeof SCOPES)[number][],
    more: { operatorRole?: PersonCaller['operatorRole']; bound?: AccountId } = {},
  ) => {
    const { operatorRole = null, bound } = more;
    const headers = await makeTestToken(control, id, scopes, bound === undefined ? {} : { account: bound });
    const via = { kind: 'token', token: 'tok_x', scopes, account: bound ?? null } as const;
    add(name, headers, { kind: 'person', person: id, operatorRole, memberships, via });
  };

  const owns: Membership[] = [{ account, role: 'owner', sites: [] }];
  const ownsOther: Membership[] = [{ account: foreign.ids.account as AccountId, role: 'owner', sites: [] }];
  const collaborator = await person('collaborator');
  const reader = await person('reader');
  const administrator = await person('administrator', 'administrator');
  const support = await person('support', 'support');
  await makeMember(control, collaborator, account, 'collaborator', [site]);
  await makeMember(control, reader, account, 'reader');

  add('nobody', {});
  add('a cookie of nobody', { cookie: `__Host-hofje=${'A'.repeat(43)}`, 'sec-fetch-site': 'same-origin' });
  add('a token of nobody', { authorization: `Bearer hofje_${'A'.repeat(40)}` });
  add('an expired session', (await makeSession(control, owner, { expiresAt: past })).headers);
  add('a session that was ended', (await makeSession(control, owner, { endedAt: past })).headers);
  add('an expired token', await makeTestToken(control, owner, SCOPES, { expiresAt: past }));
  add('a revoked token', await makeTestToken(control, owner, SCOPES, { revokedAt: past }));
  const disabled = await person('disabled', 'administrator');
  add('a session of somebody disabled', (await makeSession(control, disabled)).headers);
  add('a token of somebody disabled', await makeTestToken(control, disabled, SCOPES));
  await db.updateTable('person').set({ disabled_at: past }).where('id', '=', disabled).execute();

  add('the machine', { authorization: `Bearer ${control.token}` }, { kind: 'machine' });
  await inSession('an owner', owner, owns);
  await inSession('an owner without a fresh proof', owner, owns, {
    provenAt: new Date(now().getTime() - PROOF_MS - 60_000),
  });
  await inSession('a collaborator', collaborator, [{ account, role: 'collaborator', sites: [site] }]);
  await inSession('a reader', reader, [{ account, role: 'reader', sites: [] }]);
  await inSession('an owner of another account', stranger, ownsOther);
  await inSession('a person without any account', await person('alone'), []);
  await inSession('an administrator', administrator, [], { operatorRole: 'administrator' });
  await inSession('support', support, [], { operatorRole: 'support' });
  await inSession('an approver', await person('approver', 'approver'), [], { operatorRole: 'approver' });
  await inSession('support that looks', support, [], { operatorRole: 'support', writes: false });
  await inSession('support that may change', support, [], { operatorRole: 'support', writes: true });
  await byToken('a token of an owner, for reading', owner, owns, ['read']);
  await byToken('a token of an owner, for mail', owner, owns, ['mail']);
  await byToken('a token of an owner, for all', owner, owns, SCOPES);
  await byToken('a token of another owner', stranger, ownsOther, SCOPES);
  await byToken('a token of an administrator that is no operator’s', administrator, [], ['read', 'write', 'exec'], {
    operatorRole: 'administrator',
  });
  await byToken('a token of an administrator for another account', administrator, [], SCOPES, {
    operatorRole: 'administrator',
    bound: foreign.ids.account as AccountId,
  });
  await byToken('a token of an administrator', administrator, [], SCOPES, { operatorRole: 'administrator' });
  const mailbox = own.ids.mailbox as MailboxId;
  const boxSession = await makeSession(control, mailbox);
  const box = { kind: 'mailbox', mailbox, session: boxSession.id, provenAt: now() } as const;
  add('a mailbox’s own user', boxSession.headers, box);
  return comers;
}
