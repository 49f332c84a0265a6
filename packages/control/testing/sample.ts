/** What of a JSON schema the samples go by. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** Texts of the forms that the API asks for; the first that fits is taken. */
const TEXTS = [
  'owner@sample.example',
  'sample.example',
  'sample',
  '2026-01-01T00:00:00Z',
  `sha256:${'0'.repeat(64)}`,
  '1a2b3c-4d5e6f-7a',
];
const ID = /^\^([a-z]+)_/;

/** The least that satisfies a schema. Throws for a schema that it cannot satisfy: say then what to send instead. */
export function sampleOf(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return sampleOf(schema.anyOf[0]);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {})] as const),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}));
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return false;
    case 'string':
      return textOf(schema);
    default:
      return {};
  }
}

function textOf({ pattern, format, minLength = 0, maxLength = Number.MAX_SAFE_INTEGER }: JsonSchema): string {
  const prefix = pattern === undefined ? undefined : ID.exec(pattern)?.[1];
  const candidates = prefix === undefined ? TEXTS : [`${prefix}_${'0'.repeat(20)}`];
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern, 'u').test(text)) &&
    (format !== 'date-time' || !Number.isNaN(Date.parse(text)));
  const found = candidates.find(fits) ?? ['x'.repeat(Math.max(1, minLength)), 'A'.repeat(minLength)].find(fits);
  if (found === undefined) throw new Error(`no sample for ${pattern ?? format}`);
  return found;
}
