import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '#contract/api/endpoint.ts';
import type { Problem } from '#contract/api/problem.ts';
import corpus from '#corpus/pipe-texts.json' with { type: 'json' };
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { isKnownCode } from './problem.ts';

const API = join(import.meta.dirname, '../../contract/api');
const endpoints: [string, Endpoint][] = [];
for (const file of readdirSync(API)) {
  const module: Record<string, unknown> = await import(join(API, file));
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === 'object' && value !== null && 'method' in value && 'path' in value)
      endpoints.push([name, value as Endpoint]);
  }
}

let world: TestWorld;
let control: TestControl;

beforeAll(async () => {
  world = await startTestWorld({
    logLevel: 'error',
    config: { resolvers: ['127.0.0.1:1'], waitSeconds: 1 },
    follow: {
      onMessage: (message, answer) =>
        void (
          message.kind === 'ask' && answer({ kind: 'answer', id: message.id, ok: false, code: 'test', message: 'no' })
        ),
    },
  });
  control = world.control;
});

afterAll(async () => {
  await world?.stop();
});

type Schema = TSchema & {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
};

/** Something that the schema accepts, with `text` at the one place of `path`. */
function sample(schema: Schema, text: string, path: readonly string[] | undefined): unknown {
  if (path?.length === 0) return text;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf?.[0] !== undefined) return sample(schema.anyOf[0], text, path);
  switch (schema.type) {
    case 'object': {
      const [next, ...rest] = path ?? [];
      const names = new Set([...(schema.required ?? []), ...(next === undefined ? [] : [next])]);
      const inner = (name: string) =>
        sample(schema.properties?.[name] ?? ({} as Schema), text, name === next ? rest : undefined);
      return Object.fromEntries([...names].map((name) => [name, inner(name)]));
    }
    case 'array':
      return [sample(schema.items ?? ({} as Schema), text, path?.slice(1))];
    case 'integer':
      return schema.minimum ?? 1;
    case 'boolean':
      return false;
    default:
      return 'alice';
  }
}

/** Where texts may stand: the path of each string. */
function textPaths(schema: Schema): string[][] {
  if (schema.type === 'string') return [[]];
  if (schema.type === 'array') return textPaths(schema.items ?? ({} as Schema)).map((path) => ['0', ...path]);
  const inner = Object.entries(schema.properties ?? {});
  return inner.flatMap(([name, each]) => textPaths(each).map((path) => [name, ...path]));
}

const places = endpoints.flatMap(([name, endpoint]) =>
  (['params', 'query', 'body'] as const).flatMap((part) => {
    const schema = endpoint[part] as Schema | undefined;
    return schema === undefined
      ? []
      : textPaths(schema).map((path) => ({ name, endpoint, part, path, place: `${part}.${path.join('.')}` }));
  }),
);

/** Each place gets its share of the corpus; all of it is used many times over. */
const SHARE = 12;

describe('every text field of the API takes a hostile text as data, or refuses it by name', () => {
  test.each(places)('$name $place', async ({ endpoint, part, path }) => {
    const offset = places.findIndex((each) => each.endpoint === endpoint && each.part === part && each.path === path);
    const texts = corpus.filter((_, index) => (index + offset) % SHARE === 0).map((entry) => entry.text);
    for (const text of [...texts, '', '\0', '\ud800', 'x'.repeat(200_000)]) {
      const fill = (each: 'params' | 'query' | 'body') =>
        endpoint[each] === undefined
          ? undefined
          : sample(endpoint[each] as Schema, text, each === part ? path : undefined);
      const parts = (fill('params') ?? {}) as Record<string, string>;
      const url = endpoint.path.replace(/:([A-Za-z]+)/g, (_, name: string) => encode(parts[name] ?? ''));
      const query = Object.entries((fill('query') ?? {}) as Record<string, string>).map(
        ([key, value]) => `${key}=${encode(String(value))}`,
      );
      const body = fill('body');
      const answer = await control.send(endpoint.method, query.length === 0 ? url : `${url}?${query.join('&')}`, {
        ...(body === undefined ? {} : { body }),
      });
      const what = `${endpoint.method} ${endpoint.path} with ${JSON.stringify(text).slice(0, 100)}: ${answer.text.slice(0, 300)}`;
      if (answer.status < 400) continue;
      // The node of this test refuses every question.
      const allowed = answer.status < 500 || [502, 503].includes(answer.status);
      expect(allowed, what).toBe(true);
      if (answer.status === 431) continue;
      const problem = answer.body as Problem | undefined;
      expect(problem && isKnownCode(problem.code) && problem.code !== 'internal', what).toBe(true);
      if (problem?.code === 'request.invalid' || problem?.status === 422) expect(problem.field, what).toBeTruthy();
    }
  });
});

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).slice(0, 10_000);
}

test('what is no JSON, too large, or of another kind is refused as that', async () => {
  const { app } = control.control;
  const post = async (payload: string, type: string) =>
    await app.inject({
      method: 'POST',
      url: '/v1/accounts',
      payload,
      headers: { 'content-type': type, authorization: `Bearer ${control.token}` },
    });
  expect((await post('{', 'application/json')).json()).toMatchObject({ status: 400, code: 'request.malformed' });
  expect((await post('', 'application/json')).json()).toMatchObject({ status: 400, code: 'request.malformed' });
  expect((await post('name=x', 'application/x-www-form-urlencoded')).json()).toMatchObject({
    status: 415,
    code: 'request.media-type',
  });
  expect((await post(JSON.stringify({ name: 'x'.repeat(2_000_000) }), 'application/json')).json()).toMatchObject({
    status: 413,
    code: 'request.too-large',
  });
  expect((await post('{"__proto__":{"x":1}}', 'application/json')).json()).toMatchObject({
    status: 400,
    code: 'request.malformed',
  });
});

test('a leap second is refused as no moment', async () => {
  for (const [path, field] of [
    ['/v1/audit?from=', 'from'],
    ['/v1/audit?to=', 'to'],
  ]) {
    const answer = await control.send('GET', `${path}2016-12-31T23:59:60Z`);
    expect(answer.body).toMatchObject({ status: 400, code: 'request.invalid', field });
  }
});

test.each(['/v1/sites/%ff', '/v1/sites/%', '/%c0%ae', `/v1/sites/${'x'.repeat(501)}`])(
  'what the router cannot read (%s) is answered like anything else, and not repeated',
  async (path) => {
    const answer = await control.send('GET', path, { headers: { 'x-request-id': 'of-the-caller' } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.malformed', requestId: 'of-the-caller' } });
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'x-request-id': 'of-the-caller',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(answer.text).not.toContain(path.slice(-4));
  },
);

test.each([
  [{ name: 'x' }, 'email'],
  [{ name: 'x', email: 'a@example.org', colour: 'red' }, 'colour'],
  [{ name: 'Not A Name', email: 'a@example.org' }, 'name'],
  [{ name: 5, email: 'a@example.org' }, 'name'],
  [{ name: 'x', email: 'no address' }, 'email'],
  [[], 'body'],
])('a wrong body %j is refused with the field %s', async (body, field) => {
  expect((await control.send('POST', '/v1/accounts', { body })).body).toMatchObject({ field });
});

test('every code that is thrown for a caller has a status', () => {
  const folders = [join(import.meta.dirname, '..'), join(API, '../../model/domain'), join(API, '../../model/mail')];
  const codes = folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/testing/'))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new HofjeError\(\s*'([^']+)'/g)].map((match) => match[1] ?? ''),
    );
  expect(codes.length).toBeGreaterThan(80);
  // These end the process before there is anybody to answer, or are defects.
  const internal = /^(config|database|seal)\./;
  expect(codes.filter((code) => !internal.test(code) && !isKnownCode(code))).toEqual([]);
});

test('the OpenAPI document names every route of the contract, and is 3.1', async () => {
  const document = (await control.send('GET', '/openapi.json', { token: null })).body as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; summary: string }>>;
  };
  expect(document.openapi).toBe('3.1.0');
  for (const [name, endpoint] of endpoints) {
    const path = endpoint.path.replace(/:([A-Za-z]+)/g, '{$1}');
    expect(document.paths[path]?.[endpoint.method.toLowerCase()], name).toMatchObject({ summary: endpoint.summary });
  }
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((operation) => operation.operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(document.paths).filter((path) => path.startsWith('/agent') || path.includes('ticket'))).toEqual(
    [],
  );
});
