import type { FastifyInstance } from 'fastify';
import { askReset, useReset } from '#contract/api/session.ts';
import { audit } from '../audit.ts';
import { refuseForeignBrowser } from '../auth/same-site.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { requirePerson } from './entrant.ts';
import { findLink, spendLink } from './login-link.ts';
import { newPasswordHash, storePasswordHash } from './new-password.ts';
import { mailReset } from './reset.ts';
import { endSessions } from './session.ts';
import { askingKeys, tokenKeys } from './throttle-keys.ts';
import { countTry, forgive } from './throttle-table.ts';

export function resetRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, askReset, async ({ body }, request, reply) => {
    refuseForeignBrowser(request, context.config.publicUrls.panel);
    await countTry(context, askingKeys(context, request));
    reply.raw.once('finish', () => void mailReset(context, body.email));
    return { sent: 'perhaps' as const };
  });

  serve(app, useReset, async ({ body }, request) => {
    refuseForeignBrowser(request, context.config.publicUrls.panel);
    const keys = tokenKeys(request);
    await countTry(context, keys);
    const person = await requirePerson(db, await findLink(context, db, 'reset', body.token));
    await forgive(db, keys);
    // A weak password leaves the link as it is.
    const hash = await newPasswordHash(body.password, person);
    await db.transaction().execute(async (tx) => {
      await spendLink(context, tx, 'reset', body.token);
      await storePasswordHash(context, tx, person.id, hash);
      await endSessions(tx, context.now(), { person: person.id });
      await audit(tx, request, person.id, { after: { password: 'reset by mail' } });
    });
    return undefined;
  });
}
