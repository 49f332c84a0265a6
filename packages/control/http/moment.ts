import { HofjeError } from '#model/error.ts';

/**
 * A moment that a request names (RFC 3339). The leap second that the form allows has no place in the count that computers
 * keep. Throws `request.invalid`.
 */
export function readMoment(text: string, field: string): Date {
  const moment = new Date(text);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new HofjeError('request.invalid', `${field} is no moment.`, { field });
}
