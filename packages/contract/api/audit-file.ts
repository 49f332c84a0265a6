import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { ChainedEntry, Sha256 } from '#model/audit/chain.ts';
import { makeVerifier, type Verdict } from '#model/audit/verify.ts';
import { HofjeError } from '#model/error.ts';
import { AuditHeader, AuditLine } from './audit.ts';

export interface VerifyLinesOptions {
  /** A hash that was noted down earlier. */
  readonly remembered?: string;
  readonly sha256: Sha256;
}

/**
 * Verifies an export of the audit, line by line, so that it may be of any length. Throws `audit.not-a-file` when the lines
 * are no export at all; a line that cannot be read further on makes the chain a broken one.
 */
export async function verifyLines(
  lines: AsyncIterable<string> | Iterable<string>,
  { remembered, sha256 }: VerifyLinesOptions,
): Promise<Verdict> {
  let verifier: ReturnType<typeof makeVerifier> | undefined;
  let sequence = 0;
  for await (const line of lines) {
    if (line === '') continue;
    if (verifier === undefined) {
      const header = readLine(AuditHeader, line);
      if (header === undefined) throw new HofjeError('audit.not-a-file', 'This is no export of the audit.');
      const { base, head } = header;
      verifier = makeVerifier({ base, claimed: head, sha256, ...(remembered !== undefined && { remembered }) });
      sequence = base.sequence;
      continue;
    }
    sequence += 1;
    const next = readLine(AuditLine, line);
    if (next === undefined) return unreadable(sequence);
    if (!verifier.add(next as ChainedEntry)) break;
  }
  if (verifier === undefined) throw new HofjeError('audit.not-a-file', 'This is no export of the audit.');
  return verifier.end();
}

function unreadable(sequence: number): Verdict {
  const message = `Where entry ${sequence} should stand is something else.`;
  return { intact: false, entries: sequence, fault: { kind: 'altered', sequence, message } };
}

function readLine<S extends TSchema>(schema: S, line: string): Static<S> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return Value.Check(schema, parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
