import fc from 'fast-check';
import type { JsonSchema } from './sample.ts';

/** What the OpenAPI document says of one route. */
export interface Operation {
  readonly method: string;
  /** With `:name` for what varies. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | undefined;
  /** By status, `4xx` and `5xx` for what is the same of many. */
  readonly answers: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

/** A request as it goes out. */
export interface Wild {
  readonly operation: Operation;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

/** Texts that mean something to the installation under test, by the name of the field in which they make sense. */
export type Known = Readonly<Record<string, readonly string[]>>;

export function readOperations(document: unknown): Operation[] {
  const { paths } = document as {
    paths: Record<string, Record<string, Partial<Raw>>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses = {} }]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{([^}]+)\}/g, ':$1'),
      parameters,
      body: requestBody?.content['application/json']?.schema,
      answers: responses,
    })),
  );
}

interface Raw {
  readonly parameters: Operation['parameters'];
  readonly requestBody: { readonly content: Record<string, { readonly schema: JsonSchema }> };
  readonly responses: Operation['answers'];
}

/** What no schema was written for. */
const STRANGE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1e300, 2 ** 53, -0.5, '', ' ', 'x', '\0', '\ud800', '\u202e', '\u2028', '{}', '[]'],
  ...["' or 1=1 --", '%', '_', '\\', '%00', '../..', '$(id)', '`id`', '<img src=x onerror=alert(1)>', 'javascript:0'],
  ...['__proto__', 'constructor', 'NaN', '1e3', '-0', '٣', 'ﬁ', 'İ', 'ß', '😀'.repeat(50), 'a'.repeat(5000)],
  ...[[], {}, [[]], [null], { a: { b: {} } }, { constructor: { prototype: { x: 1 } } }],
];
const TEXTS = STRANGE.filter((each): each is string => typeof each === 'string');
const MOMENTS = ['2026-01-01T00:00:00Z', '2016-12-31T23:59:60Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59+23:59'];
const DEPTH = 5000;

/** Any request of an operation: mostly of the right form, of which now and then something is wrong. */
export function wildRequest(operation: Operation, known: Known): fc.Arbitrary<Wild> {
  const named = (place: string) => operation.parameters.filter((each) => each.in === place);
  const path = fc.record(Object.fromEntries(named('path').map((each) => [each.name, paramText(each, known)])));
  const query = fc.record(Object.fromEntries(named('query').map((each) => [each.name, queryTexts(each, known)])), {
    requiredKeys: named('query')
      .filter((each) => each.required === true)
      .map((each) => each.name),
  });
  const stray = rarely(fc.constantFrom('__proto__=1', 'a[b]=1', 'constructor=x', '%', '&&==', 'cursor', 'x=%ff'), '');
  return fc
    .record({ path, query, stray, headers: headersOf(known), payload: payloadOf(operation.body, known) })
    .map((made) => {
      const place = operation.path.replace(/:([A-Za-z]+)/g, (_, name: string) => encode(made.path[name] ?? ''));
      const pairs = Object.entries(made.query).flatMap(([name, texts]) =>
        texts.map((text) => `${name}=${encode(text)}`),
      );
      const search = [...pairs, ...(made.stray === '' ? [] : [made.stray])].join('&');
      return {
        operation,
        path: search === '' ? place : `${place}?${search}`,
        headers: {
          ...(made.payload === undefined ? {} : { 'content-type': 'application/json' }),
          ...made.headers,
        },
        payload: made.payload,
      };
    });
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%2F', '/').replace(/^\.+$/, '%2e');
}

function rarely<T>(odd: fc.Arbitrary<T>, usual: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });
}

function paramText({ name, schema }: Parameter, known: Known): fc.Arbitrary<string> {
  return anyValue(name, schema, known).map((value) =>
    typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
  );
}

/** One mostly; the same name twice is an array to the server. */
function queryTexts(parameter: Parameter, known: Known): fc.Arbitrary<string[]> {
  const text = paramText(parameter, known);
  return fc.oneof({ weight: 9, arbitrary: text.map((each) => [each]) }, { weight: 1, arbitrary: fc.tuple(text, text) });
}

function headersOf(known: Known): fc.Arbitrary<Record<string, string>> {
  const version = fc.oneof(
    fc.integer({ min: 0, max: 4 }).map((each) => `"${each}"`),
    fc.constantFrom('*', 'x', '', 'W/"1"'),
  );
  const printable = fc.string({ minLength: 0, maxLength: 210 }).map((text) => text.replace(/[^\x20-\x7e]/g, '~'));
  const odd = fc.record(
    {
      'if-match': version,
      'idempotency-key': fc.oneof(fc.constantFrom('k1', 'k2', 'k3'), printable),
      'last-event-id': fc.oneof(fc.constantFrom('0', '-1', '1', 'NaN', ...(known['event'] ?? [])), printable),
      accept: fc.constantFrom('*/*', 'text/event-stream', 'text/html', ''),
      'content-type': fc.constantFrom('text/plain', 'application/json; charset=x', 'application/xml', 'x', ''),
      'user-agent': fc.constantFrom('hofje-cli/1', '<script>', '\u00ff\u00fe', 'x'.repeat(2000)),
      'x-http-method-override': fc.constantFrom('DELETE', 'GET'),
      'x-request-id': printable,
      'x-forwarded-for': fc.constantFrom('127.0.0.1', '::1, x'),
      cookie: fc.constantFrom('__Host-hofje=x', '__Host-hofje-device=AAAA', ';;;=', '__Host-hofje=a; __Host-hofje=b'),
    },
    { requiredKeys: [] },
  );
  return rarely(odd as fc.Arbitrary<Record<string, string>>, {});
}

function payloadOf(schema: JsonSchema | undefined, known: Known): fc.Arbitrary<string | undefined> {
  const broken = fc.constantFrom(
    '{',
    '[',
    '',
    'null',
    '0',
    '"x"',
    '{"__proto__":{"x":1}}',
    `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`,
  );
  if (schema === undefined) return rarely<string | undefined>(broken, undefined);
  const right = anyValue('', schema, known).map((value) => JSON.stringify(value) ?? '');
  return fc.oneof({ weight: 14, arbitrary: right }, { weight: 1, arbitrary: broken });
}

/** A value for a field: what its schema says, eight times of nine. */
function anyValue(name: string, schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 24, arbitrary: fitting(name, schema, known) },
    { weight: 1, arbitrary: fc.constantFrom(...STRANGE) },
  );
}

function fitting(name: string, schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => fitting(name, each, known)));
  switch (schema.type) {
    case 'object':
      return objectOf(schema, known);
    case 'array':
      return fc.array(anyValue(name, schema.items ?? {}, known), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'integer':
    case 'number': {
      const { minimum: min = 0, maximum: max = 2 ** 31 } = schema;
      return fc.oneof(fc.constantFrom(min, max, min - 1, max + 1), fc.integer({ min, max: Math.min(max, min + 10) }));
    }
    case 'boolean':
      return fc.boolean();
    case 'string':
      return textOf(name, schema, known);
    case 'null':
      return fc.constant(null);
    default:
      return fc.constantFrom(...STRANGE);
  }
}

function objectOf({ properties = {}, required = [] }: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const shape = Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, anyValue(name, each, known)]),
  );
  const right = fc.record(shape, { requiredKeys: required.filter((name) => name in shape) });
  const odd = fc
    .record({ right, extra: fc.constantFrom(...STRANGE) })
    .map(({ right: kept, extra }) => ({ ...kept, extra }));
  return fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: odd });
}

function textOf(name: string, { format, pattern, minLength = 0 }: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  if (format === 'date-time') return fc.constantFrom(...MOMENTS);
  const fits = known[name] ?? [];
  const others = Object.values(known).flat();
  const ways: fc.WeightedArbitrary<string>[] = [{ weight: 2, arbitrary: fc.constantFrom(...TEXTS) }];
  if (fits.length > 0) ways.push({ weight: 12, arbitrary: fc.constantFrom(...fits) });
  if (others.length > 0) ways.push({ weight: 1, arbitrary: fc.constantFrom(...others) });
  if (pattern !== undefined) ways.push({ weight: 3, arbitrary: fc.stringMatching(new RegExp(pattern, 'u')) });
  else ways.push({ weight: 2, arbitrary: fc.string({ unit: 'binary', minLength, maxLength: minLength + 20 }) });
  return fc.oneof(...ways);
}
