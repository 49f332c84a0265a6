import type { AuditHeader, AuditLine } from '#contract/api/audit.ts';
import type { ChainedEntry } from '#model/audit/chain.ts';
import { makeVerifier, type Verdict } from '#model/audit/verify.ts';
import { HofjeError } from '#model/error.ts';
import { addressOf, errorOf } from '../../api/ask.ts';
import { sha256 } from './sha256.ts';

/** Where a chain is to be had as a file. */
export function exportAddress(account: string | undefined): string {
  return addressOf('/v1/audit/export', { query: { account } });
}

/**
 * Fetches a whole chain and figures every hash out anew, here in the browser: nobody's word is taken for it. `tell` hears
 * how many entries were looked at.
 */
export async function verifyChain(
  account: string | undefined,
  signal: AbortSignal,
  tell: (entries: number) => void,
): Promise<Verdict> {
  const response = await fetch(exportAddress(account), { signal });
  if (!response.ok) throw errorOf(response.status, await response.json().catch(() => undefined));
  let verifier: ReturnType<typeof makeVerifier> | undefined;
  let entries = 0;
  for await (const line of linesOf(response)) {
    if (verifier === undefined) {
      const { base, head } = JSON.parse(line) as AuditHeader;
      verifier = makeVerifier({ base, claimed: head, sha256 });
      continue;
    }
    // A line that is no entry throws, or does not fit: either way the chain is broken there.
    if (!verifier.add(JSON.parse(line) as AuditLine as ChainedEntry)) break;
    entries += 1;
    if (entries % 500 === 0) tell(entries);
  }
  if (verifier === undefined) throw new HofjeError('network.unexpected', 'The answer held no chain.');
  return verifier.end();
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
  if (rest !== '') yield rest;
}
