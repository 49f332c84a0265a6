/**
 * How an account proves that a domain is its own: a TXT record that only the owner of the zone can set, with a token that
 * was made for this claim.
 */

/** The record's owner name; underscored, so that it collides with no host (RFC 8552). */
export function proofRecordName(domain: string): string {
  return `_hofje.${domain}`;
}

export function proofRecordValue(token: string): string {
  return `hofje-domain=${token}`;
}

/** Whether one of the TXT records (each a list of strings, RFC 1035 3.3.14) carries the token. */
export function isProof(records: readonly (readonly string[])[], token: string): boolean {
  const wanted = proofRecordValue(token);
  return records.some((strings) => strings.join('').trim() === wanted);
}
