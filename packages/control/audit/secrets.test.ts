import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMailbox, setPassword } from '#contract/api/mailbox.ts';
import { createNode, enrolNode } from '#contract/api/node.ts';
import { createSite, putTls } from '#contract/api/site.ts';
import { execInSite } from '#contract/api/stream.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

/** What must never be found again. */
const MARK = 'Marker-7f3a-of-a-secret';

let world: TestWorld;
let control: TestControl;

beforeAll(async () => {
  world = await startTestWorld();
  control = world.control;
});

afterAll(async () => {
  await world?.stop();
});

async function audited(): Promise<string> {
  const { rows } = await sql<{ text: string }>`
    select coalesce(string_agg(audit::text, E'\n'), '') || coalesce((select string_agg(event::text, E'\n') from event), '') as text
    from audit`.execute(control.control.context.db);
  const { text } = await control.send('GET', '/v1/audit/export');
  return `${rows[0]?.text}\n${text}`;
}

test('what is secret in a change is not in its entry', async () => {
  const overrideReason = 'made in a test';
  const site = await control.call(createSite, { body: { domain: 'secret.example', account: 'alice', overrideReason } });
  const mailbox = await control.call(createMailbox, { body: { address: 'x@secret.example', password: MARK } });
  await control.call(setPassword, { params: { mailbox: mailbox.id }, body: { password: `${MARK}2` } });
  const generated = await control.call(setPassword, { params: { mailbox: mailbox.id }, body: {} });
  const pair = await control.control.context.pki.makeSite('secret.example', new Date());
  await control.call(putTls, { params: { site: site.id }, body: { chain: pair.chain, key: pair.key } });
  const { enrolment } = await control.call(createNode, { body: { name: 'other' } });
  const again = await control.call(enrolNode, { params: { node: 'other' } });
  await control.call(execInSite, { params: { site: site.id }, body: { argv: ['sh', MARK], env: { SECRET: MARK } } });
  const text = await audited();
  for (const made of [site.id, mailbox.id, 'PUT /v1/sites/:site/tls', 'POST /v1/sites/:site/exec'])
    expect(text).toContain(made);
  const secrets = [MARK, generated.password, pair.key.split('\n')[1], enrolment.token, again.token, control.token];
  for (const secret of secrets) {
    expect(secret?.length).toBeGreaterThan(10);
    expect(text).not.toContain(secret);
  }
  expect(text).not.toMatch(/\$argon2|PRIVATE KEY/);
});

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minLength?: number;
}
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
/** Members of a body by these names hold what only their sender may know. */
const SECRET = /password|secret|token|code|key|assertion|response/i;

test('whatever is sent to any route in a member that may be secret, is not recorded, whether the route takes it or not', async () => {
  const { body } = await control.send('GET', '/openapi.json');
  const { paths } = body as { paths: Record<string, Record<string, Operation>> };
  let tried = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const schema = operation.requestBody?.content['application/json']?.schema;
      const names = Object.keys(schema?.properties ?? {});
      if (!names.some((name) => SECRET.test(name))) continue;
      tried += 1;
      const members = Object.entries(schema?.properties ?? {}).map(([name, member]) => [name, sampleOf(name, member)]);
      const url = path.replace('{mailbox}', 'x@secret.example').replace(/\{[^}]+\}/g, 'secret.example');
      await control.send(method.toUpperCase(), url, { body: Object.fromEntries(members) });
    }
  }
  expect(tried).toBeGreaterThan(2);
  expect(await audited()).not.toContain(MARK);
});

function sampleOf(name: string, schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === 'string') return SECRET.test(name) ? MARK : 'secret.example';
  if (schema.type === 'object') {
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([inner, member]) => [inner, sampleOf(inner, member)]),
    );
  }
  return schema.type === 'boolean' ? true : schema.type === 'array' ? [MARK] : 1;
}
