import { lazy, Suspense } from 'react';
import { useProofWanted } from '../api/proof.ts';

const Proof = lazy(async () => ({ default: (await import('./Proof.tsx')).Proof }));

/** Asks who one is when an act waits for it; the dialog itself is fetched when it is first wanted. */
export function ProofKeeper() {
  if (!useProofWanted()) return null;
  return (
    <Suspense fallback={null}>
      <Proof />
    </Suspense>
  );
}
