import { Resolver } from 'node:dns/promises';
import { isProof, proofRecordName, proofRecordValue } from '#model/domain/proof.ts';
import { HofjeError } from '#model/error.ts';

const TIMEOUT_MS = 3000;
const TRIES = 2;

/** Answers that say that there is no such record, as opposed to none at all. */
const ABSENT = ['ENOTFOUND', 'ENODATA'];

/**
 * Looks for the proof of a domain in the DNS, at the configured servers or the machine's own. Throws
 * `domain.proof-missing` with what to set, or `domain.proof-unreachable` when the DNS gave no answer.
 */
export async function seekProof(servers: readonly string[] | undefined, name: string, token: string): Promise<void> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers !== undefined) resolver.setServers([...servers]);
  const record = proofRecordName(name);
  let found: string[][];
  try {
    found = await resolver.resolveTxt(record);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (ABSENT.includes(code)) found = [];
    else {
      throw new HofjeError('domain.proof-unreachable', `The DNS gave no answer for ${record} (${code}).`, {
        field: 'domain',
        hint: 'Try again later.',
      });
    }
  }
  if (!isProof(found, token)) {
    throw new HofjeError('domain.proof-missing', `${record} has no TXT record with the token.`, {
      field: 'domain',
      hint: `Set ${record} TXT "${proofRecordValue(token)}" and wait until the DNS shows it.`,
    });
  }
}
