import { HofjeError } from '#model/error.ts';

/** No body of the API is nested nearly as deeply; each level costs stack. */
const DEPTH_MAX = 20;
/** Nor has any as many values: with each that is wrong, the answer is longer in coming, and everybody waits meanwhile. */
const VALUES_MAX = 10_000;

/**
 * Refuses texts that the database cannot hold as they are (NUL) or that are no text at all (halves of surrogate pairs),
 * anywhere in a part of a request, with the name of the field. Throws `request.invalid`, also where there are more than
 * `room.left` values.
 */
export function checkTexts(value: unknown, path: readonly string[] = [], room = { left: VALUES_MAX }): void {
  room.left -= 1;
  if (room.left < 0) {
    throw new HofjeError('request.invalid', 'The body has too many values.', { field: path[0] ?? 'body' });
  }
  if (path.length > DEPTH_MAX) {
    throw new HofjeError('request.invalid', 'The body is nested too deeply.', { field: path[0] ?? 'body' });
  }
  if (typeof value === 'string') checkText(value, path);
  else if (Array.isArray(value))
    value.forEach((item, index) => {
      checkTexts(item, [...path, String(index)], room);
    });
  else if (value !== null && typeof value === 'object') {
    for (const [name, item] of Object.entries(value)) {
      checkText(name, path);
      checkTexts(item, [...path, name], room);
    }
  }
}

function checkText(text: string, path: readonly string[]): void {
  const field = path.join('.');
  if (text.includes('\0')) throw new HofjeError('request.invalid', `${field} contains a NUL character.`, { field });
  if (!text.isWellFormed()) throw new HofjeError('request.invalid', `${field} is not valid Unicode.`, { field });
}
