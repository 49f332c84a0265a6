/** What JSON can hold. A member that is `undefined` counts as absent. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/**
 * The one text of a value that everybody gets who writes it down (RFC 8785): members in the order of their names' UTF-16
 * code units, no spaces, numbers and texts as ECMAScript writes them. What PostgreSQL's jsonb cannot hold, NUL and halves
 * of surrogate pairs, becomes U+FFFD. Throws a RangeError for a number that is not finite.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return canonicalText(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => [name, value[name]] as const)
    .filter((member): member is readonly [string, Json] => member[1] !== undefined);
  return `{${members.map(([name, member]) => `${canonicalText(name)}:${canonicalJson(member)}`).join(',')}}`;
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

function canonicalText(text: string): string {
  return JSON.stringify(text.toWellFormed().replaceAll('\0', '\ufffd'));
}
