import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import { changePerson, createPerson, getPerson, listPeople } from '#contract/api/person.ts';
import { HofjeError } from '#model/error.ts';
import { makeId, type PersonId } from '#model/id.ts';
import { parseForeignAddress } from '#model/mail/address.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { audit } from '../audit.ts';
import { demandNoToken, demandProof, demandRole, objectOf, sightOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { normalEmail } from '../entrance/entrant.ts';
import { endSessions } from '../entrance/session.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { checkVersion } from '../http/version.ts';
import { findPerson, PERSON_COLUMNS, type PersonRow, personPage, showPerson } from './queries.ts';

export function personRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createPerson, async ({ body }, request) => {
    const email = parseEmail(body.email);
    return await createOnce(context, request, async (tx) => {
      const row = await tx
        .insertInto('person')
        .values({
          id: makeId('person', context.random(20)),
          email,
          name: body.name,
          ...(body.language === undefined ? {} : { language: body.language }),
          operator_role: body.operatorRole ?? null,
        })
        .returning(PERSON_COLUMNS)
        .executeTakeFirstOrThrow();
      await audit(tx, request, row.id, { after: showPerson(row) });
      return showPerson(row);
    });
  });

  serve(app, listPeople, async ({ query }, request) => {
    const page = { after: readCursor(query?.cursor), limit: query?.limit ?? PAGE_DEFAULT };
    const rows = await personPage(db, sightOf(request, 'person'), page).execute();
    return makePage(rows, page.limit, (row) => ({ key: row.email, id: row.id }), showPerson);
  });

  serve(app, getPerson, async (_input, request) =>
    showPerson(await findPerson(db, EVERYTHING, objectOf(request, 'person'))),
  );

  serve(app, changePerson, async ({ body }, request) => {
    checkMayChange(context, request, body);
    const id = objectOf(request, 'person');
    return await db.transaction().execute(async (tx) => {
      const person = await lockPerson(tx, id);
      checkVersion(request, person.version);
      const changed = await tx
        .updateTable('person')
        .set({ ...columnsOf(body, context.now(), person), version: sql<number>`version + 1` })
        .where('id', '=', id)
        .returning(PERSON_COLUMNS)
        .executeTakeFirstOrThrow();
      if (body.disabled === true) await endSessions(tx, context.now(), { person: id });
      await audit(tx, request, id, { before: showPerson(person), after: showPerson(changed) });
      return showPerson(changed);
    });
  });
}

/** As addresses of people are kept. Throws `address.invalid`, `domain.invalid`. */
export function parseEmail(typed: string): string {
  return normalEmail(parseForeignAddress(typed.trim(), 'email'));
}

type Changes = Static<typeof changePerson.body>;

/** Of himself somebody changes how he is called; who may do what is an administrator's, with a fresh proof. */
function checkMayChange(context: Context, request: FastifyRequest, body: Changes): void {
  for (const field of ['email', 'operatorRole', 'disabled'] as const) {
    if (body[field] === undefined) continue;
    demandRole(request, ['administrator'], field);
    demandNoToken(request, field);
    demandProof(request, context.now());
  }
}

function columnsOf(body: Changes, now: Date, person: PersonRow) {
  const { name, language, email, operatorRole, disabled } = body;
  return {
    ...(name === undefined ? {} : { name }),
    ...(language === undefined ? {} : { language }),
    ...(email === undefined ? {} : { email: parseEmail(email) }),
    ...(operatorRole === undefined ? {} : { operator_role: operatorRole }),
    ...(disabled === undefined ? {} : { disabled_at: disabled ? (person.disabled_at ?? now) : null }),
  };
}

async function lockPerson(tx: Tx, id: PersonId): Promise<PersonRow> {
  const row = await tx
    .selectFrom('person')
    .select(PERSON_COLUMNS)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new HofjeError('person.not-found', 'The person is gone.', { field: 'person' });
  return row;
}
