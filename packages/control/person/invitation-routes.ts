import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  acceptInvitation,
  invite,
  inviteOperator,
  listInvitations,
  listOperatorInvitations,
  lookAtInvitation,
  revokeInvitation,
  revokeOperatorInvitation,
} from '#contract/api/invitation.ts';
import type { JsonObject } from '#model/audit/canonical.ts';
import type { InvitationId, PersonId, SiteId } from '#model/id.ts';
import { liveAccount } from '../account/queries.ts';
import { audit } from '../audit.ts';
import { objectOf } from '../auth/admitted.ts';
import { refuseForeignBrowser } from '../auth/same-site.ts';
import type { Context } from '../context.ts';
import { secretUrl } from '../entrance/login-link.ts';
import { tokenKeys } from '../entrance/throttle-keys.ts';
import { countTry, forgive } from '../entrance/throttle-table.ts';
import { serve } from '../http/serve.ts';
import { accept } from './accept.ts';
import {
  type InvitationRow,
  latestInvitations,
  makeInvitation,
  type NewInvitation,
  openInvitation,
  revoke,
  showInvitation,
} from './invitation.ts';
import { mailInvitation } from './invitation-mail.ts';
import { standingOf } from './membership.ts';
import { parseEmail } from './routes.ts';

/** Invitations to accounts and of operators, by a link whose secret no server sees in an address. */
export function invitationRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;
  const show = (row: InvitationRow) => showInvitation(row, context.now());
  /** The answer, after which the link is mailed where an address was given: what was rolled back is mailed to nobody. */
  const mailed = (reply: FastifyReply, row: InvitationRow, account: string | null, url: string) => {
    reply.raw.once('finish', () => {
      if (reply.statusCode < 300) void mailTo(context, row, account, url);
    });
    return { invitation: show(row), url };
  };

  serve(app, invite, async ({ body }, request, reply) => {
    const account = objectOf(request, 'account');
    return await db.transaction().execute(async (tx) => {
      const { name } = await liveAccount(tx, account);
      const standing = await standingOf(tx, account, body.role, (body.sites ?? []) as SiteId[]);
      const { row, secret } = await makeInvitation(context, tx, common(request, body, { account, standing }));
      await audit(tx, request, row.id, { account, after: recordOf(row) });
      return mailed(reply, row, name, secretUrl(context, 'invitation', secret));
    });
  });

  serve(app, inviteOperator, async ({ body }, request, reply) => {
    const { operatorRole } = body;
    return await db.transaction().execute(async (tx) => {
      const wanted = common(request, body, { account: null, operatorRole });
      const { row, secret } = await makeInvitation(context, tx, wanted);
      await audit(tx, request, row.id, { after: recordOf(row) });
      return mailed(reply, row, null, secretUrl(context, 'invitation', secret));
    });
  });

  serve(app, listInvitations, async (_input, request) => ({
    items: (await latestInvitations(db, objectOf(request, 'account'))).map(show),
  }));

  serve(app, listOperatorInvitations, async () => ({ items: (await latestInvitations(db, null)).map(show) }));

  serve(app, revokeInvitation, async ({ params }, request) => {
    const account = objectOf(request, 'account');
    return await db.transaction().execute(async (tx) => {
      const row = await revoke(context, tx, account, params.invitation as InvitationId);
      await audit(tx, request, row.id, { account, before: recordOf(row) });
      return show(row);
    });
  });

  serve(app, revokeOperatorInvitation, async ({ params }, request) =>
    db.transaction().execute(async (tx) => {
      const row = await revoke(context, tx, null, params.invitation as InvitationId);
      await audit(tx, request, row.id, { before: recordOf(row) });
      return show(row);
    }),
  );

  serve(app, lookAtInvitation, async ({ body }, request) =>
    guarded(context, request, async () => {
      const row = await openInvitation(context, db, body.token, false);
      const account = row.account_id === null ? undefined : await liveAccount(db, row.account_id);
      return {
        accountName: account?.name ?? null,
        role: row.role,
        operatorRole: row.operator_role,
        invitedBy: row.invited_by === null ? null : await nameOf(context, row.invited_by),
        email: row.email,
        expiresAt: row.expires_at.toISOString(),
      };
    }),
  );

  serve(app, acceptInvitation, async ({ body }, request, reply) => {
    refuseForeignBrowser(request, context.config.publicUrls.panel);
    return await guarded(context, request, async () => await accept(context, request, reply, body));
  });
}

/** Whoever guesses secrets does not do so for long. */
async function guarded<A>(context: Context, request: FastifyRequest, work: () => Promise<A>): Promise<A> {
  const keys = tokenKeys(request);
  await countTry(context, keys);
  const answer = await work();
  await forgive(context.db, keys);
  return answer;
}

function common(
  { caller }: FastifyRequest,
  { email, days }: { readonly email?: string; readonly days?: number },
  offer: NewInvitation['offer'],
): NewInvitation {
  return {
    offer,
    email: email === undefined ? null : parseEmail(email),
    invitedBy: caller.kind === 'person' ? caller.person : null,
    days,
  };
}

/** In the language of whoever invites; of the other's nothing is known. Never throws. */
async function mailTo(context: Context, row: InvitationRow, account: string | null, url: string): Promise<void> {
  const { email, invited_by: by, expires_at: expiresAt } = row;
  if (email === null) return;
  const inviter =
    by === null
      ? undefined
      : await context.db
          .selectFrom('person')
          .select(['name', 'language'])
          .where('id', '=', by)
          .executeTakeFirst()
          .catch(() => undefined);
  const language = inviter?.language ?? 'en';
  await mailInvitation(context, { to: email, url, account, expiresAt, language, by, invitedBy: inviter?.name ?? null });
}

async function nameOf(context: Context, person: PersonId): Promise<string | null> {
  const row = await context.db.selectFrom('person').select('name').where('id', '=', person).executeTakeFirst();
  return row?.name ?? null;
}

/** As the audit keeps an invitation: without its secret. */
function recordOf({ role, operator_role, sites, email, expires_at }: InvitationRow): JsonObject {
  return { role, operatorRole: operator_role, sites: [...sites], email, expiresAt: expires_at.toISOString() };
}
