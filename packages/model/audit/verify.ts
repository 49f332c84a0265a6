import type { JsonObject } from './canonical.ts';
import { beginChain, type ChainedEntry, type ChainHead, linkEntry, PRUNED, type Sha256 } from './chain.ts';

/** What was found to be wrong, and where. */
export interface ChainFault {
  readonly kind: 'altered' | 'missing' | 'reordered' | 'foreign' | 'pruned-silently' | 'not-the-remembered' | 'cut-off';
  /** Where it shows: the entry at or before which something is wrong. */
  readonly sequence: number;
  readonly message: string;
}

export type Verdict =
  | { readonly intact: true; readonly entries: number; readonly base: ChainHead; readonly head: ChainHead }
  | { readonly intact: false; readonly entries: number; readonly fault: ChainFault };

export interface VerifyOptions {
  /** Where the entries begin: the start of the chain, or the last one that was pruned. */
  readonly base: ChainHead;
  /** The head that the source claims to have. */
  readonly claimed?: ChainHead;
  /** A hash that was noted down somewhere else. */
  readonly remembered?: string;
  readonly sha256: Sha256;
}

/** Takes entries one by one, so that a chain of any length fits; `end` gives the verdict. */
export interface Verifier {
  /** False as soon as something is wrong: more need not be read. */
  add(next: ChainedEntry): boolean;
  end(): Verdict;
}

/** Pure but for its own memory of the last hash. */
export function makeVerifier({ base, claimed, remembered, sha256 }: VerifyOptions): Verifier {
  let head = base;
  let entries = 0;
  let fault: ChainFault | undefined;
  let isRememberedSeen = remembered === undefined || base.hash === remembered || beginChain('').hash === remembered;
  let isBaseTold = isBeginning(base);

  return {
    add(next) {
      if (fault !== undefined) return false;
      entries += 1;
      fault = faultOf(head, next, sha256);
      if (fault !== undefined) return false;
      head = { chain: next.chain, sequence: next.sequence, hash: next.hash };
      isRememberedSeen ||= next.hash === remembered;
      isBaseTold ||= tellsOf(next, base);
      return true;
    },
    end() {
      fault ??= faultOfWhole({ head, claimed, isRememberedSeen, isBaseTold });
      return fault === undefined ? { intact: true, entries, base, head } : { intact: false, entries, fault };
    },
  };
}

/** All at once. Pure. */
export function verify(entries: Iterable<ChainedEntry>, options: VerifyOptions): Verdict {
  const verifier = makeVerifier(options);
  for (const entry of entries) if (!verifier.add(entry)) break;
  return verifier.end();
}

function isBeginning(base: ChainHead): boolean {
  const beginning = beginChain(base.chain);
  return base.sequence === beginning.sequence && base.hash === beginning.hash;
}

function faultOf(head: ChainHead, next: ChainedEntry, sha256: Sha256): ChainFault | undefined {
  const { sequence } = next;
  if (next.chain !== head.chain) {
    return { kind: 'foreign', sequence, message: `Entry ${sequence} is of another chain: ${next.chain}.` };
  }
  if (sequence > head.sequence + 1) {
    const message = `Entries are missing between ${head.sequence} and ${sequence}.`;
    return { kind: 'missing', sequence, message };
  }
  if (sequence <= head.sequence) {
    return { kind: 'reordered', sequence, message: `Entry ${sequence} stands after entry ${head.sequence}.` };
  }
  if (linkEntry(head, next.entry, sha256).hash !== next.hash) {
    return { kind: 'altered', sequence, message: `Entry ${sequence}, or the one before it, is not what was written.` };
  }
  return undefined;
}

interface Whole {
  readonly head: ChainHead;
  readonly claimed: ChainHead | undefined;
  readonly isRememberedSeen: boolean;
  readonly isBaseTold: boolean;
}

function faultOfWhole({ head, claimed, isRememberedSeen, isBaseTold }: Whole): ChainFault | undefined {
  const { sequence } = head;
  if (claimed !== undefined && (claimed.sequence !== sequence || claimed.hash !== head.hash)) {
    const message = `The chain is said to end at entry ${claimed.sequence}, and what is here ends at ${sequence}.`;
    return { kind: 'cut-off', sequence, message };
  }
  if (!isBaseTold) {
    const message = 'The beginning is gone, and no entry of the chain tells that it was pruned.';
    return { kind: 'pruned-silently', sequence, message };
  }
  if (!isRememberedSeen) {
    const message = 'The remembered hash is not in this chain: it was cut off before it, or written anew.';
    return { kind: 'not-the-remembered', sequence, message };
  }
  return undefined;
}

/** Whether an entry is the one that was written when everything up to `base` was pruned. */
function tellsOf({ entry, chain }: ChainedEntry, base: ChainHead): boolean {
  const after: JsonObject | null = entry.after;
  return (
    entry.action === PRUNED &&
    after?.['chain'] === chain &&
    after['sequence'] === base.sequence &&
    after['hash'] === base.hash
  );
}
