import { canonicalJson, type JsonObject } from './canonical.ts';
import type { AuditEntry } from './entry.ts';

/**
 * The audit is a chain: each entry's hash covers the hash of the entry before it. Whoever remembers one hash can tell later
 * that nothing before it was removed, altered, reordered or put in between. There is a chain of the whole installation, and
 * one of each account, so that its people can check their part without seeing anything of others.
 */
export const INSTALLATION_CHAIN = 'installation';

/** SHA-256 of a text's UTF-8, in lower case hexadecimal. */
export type Sha256 = (text: string) => string;

/** A position in a chain, and the hash that stands for everything up to it. */
export interface ChainHead {
  readonly chain: string;
  /** 0 before the first entry. */
  readonly sequence: number;
  readonly hash: string;
}

export interface ChainedEntry extends ChainHead {
  readonly entry: AuditEntry;
}

/** Stands where old entries were pruned: the last hash that went, so that the rest can still be checked. */
export const PRUNED = 'audit.pruned';

const NO_HASH = '0'.repeat(64);

export function beginChain(chain: string): ChainHead {
  return { chain, sequence: 0, hash: NO_HASH };
}

/** The head after one more entry. The database computes the same (`audit_hash` of its migration). Pure. */
export function linkEntry(previous: ChainHead, entry: AuditEntry, sha256: Sha256): ChainedEntry {
  const sequence = previous.sequence + 1;
  const body = canonicalJson(entryJson(entry));
  const hash = sha256(`hofje-audit-1\n${previous.chain}\n${sequence}\n${previous.hash}\n${body}`);
  return { chain: previous.chain, sequence, hash, entry };
}

export function entryJson(entry: AuditEntry): JsonObject {
  return { ...entry };
}
