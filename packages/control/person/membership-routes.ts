import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  addMember,
  changeMember,
  handOver,
  leaveAccount,
  listMembers,
  removeMember,
} from '#contract/api/membership.ts';
import type { JsonObject } from '#model/audit/canonical.ts';
import { HofjeError } from '#model/error.ts';
import type { AccountId, PersonId } from '#model/id.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { liveAccount } from '../account/queries.ts';
import { audit } from '../audit.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { personInSession } from '../entrance/who.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import {
  dismiss,
  findMember,
  join,
  lockMembers,
  type MemberRow,
  memberPage,
  setStanding,
  showMember,
  standingOf,
} from './membership.ts';
import { findPerson } from './queries.ts';

/** The people of an account. */
export function membershipRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  /** One change of an account's people, after all that came before. */
  async function change<A>(request: FastifyRequest, work: (tx: Tx, account: AccountId) => Promise<A>): Promise<A> {
    const account = objectOf(request, 'account');
    return await db.transaction().execute(async (tx) => {
      await lockMembers(tx, account);
      return await work(tx, account);
    });
  }

  serve(app, listMembers, async ({ query }, request) => {
    const page = { after: readCursor(query?.cursor), limit: query?.limit ?? PAGE_DEFAULT };
    const rows = await memberPage(db, objectOf(request, 'account'), page).execute();
    return makePage(rows, page.limit, (row) => ({ key: row.email, id: row.id }), showMember);
  });

  serve(app, addMember, async ({ body }, request) =>
    change(request, async (tx, account) => {
      await liveAccount(tx, account);
      const person = await findPerson(tx, EVERYTHING, body.person);
      const standing = await standingOf(tx, account, body.role, idsOf(body.sites));
      const member = await join(tx, account, person.id, standing);
      await audit(tx, request, member.id, { account, after: recordOf(member) });
      return showMember(member);
    }),
  );

  serve(app, changeMember, async ({ params, body }, request) =>
    change(request, async (tx, account) => {
      const before = await findMember(tx, account, params.person as PersonId);
      const role = body.role ?? before.role;
      const kept = role === 'collaborator' ? before.sites : [];
      const standing = await standingOf(tx, account, role, body.sites === undefined ? kept : idsOf(body.sites));
      const member = await setStanding(tx, account, before, standing);
      await audit(tx, request, member.id, { account, before: recordOf(before), after: recordOf(member) });
      return showMember(member);
    }),
  );

  serve(app, removeMember, async ({ params }, request) =>
    change(request, async (tx, account) => {
      const member = await findMember(tx, account, params.person as PersonId);
      await dismiss(tx, account, member);
      await audit(tx, request, member.id, { account, before: recordOf(member) });
      return undefined;
    }),
  );

  serve(app, leaveAccount, async (_input, request) =>
    change(request, async (tx, account) => {
      const member = await findMember(tx, account, personInSession(request).person);
      await dismiss(tx, account, member);
      await audit(tx, request, member.id, { account, before: recordOf(member) });
      return undefined;
    }),
  );

  serve(app, handOver, async ({ body }, request) =>
    change(request, async (tx, account) => {
      const self = await findMember(tx, account, personInSession(request).person);
      const heir = await findMember(tx, account, body.to as PersonId, 'to');
      if (heir.id === self.id) throw new HofjeError('request.invalid', 'That is you.', { field: 'to' });
      const owner = await setStanding(tx, account, heir, { role: 'owner', sites: [] });
      await audit(tx, request, heir.id, { account, before: recordOf(heir), after: recordOf(owner) });
      if (body.leave === true) {
        await dismiss(tx, account, self);
        await audit(tx, request, self.id, { account, before: recordOf(self) });
      } else {
        const reader = await setStanding(tx, account, self, { role: 'reader', sites: [] });
        await audit(tx, request, self.id, { account, before: recordOf(self), after: recordOf(reader) });
      }
      return showMember(owner);
    }),
  );
}

/** Their form was checked with the request. */
function idsOf(sites: readonly string[] | undefined): MemberRow['sites'] {
  return [...(sites ?? [])] as MemberRow['sites'];
}

/** As the audit keeps a membership. */
function recordOf({ email, role, sites }: MemberRow): JsonObject {
  return { email, role, sites: [...sites] };
}
