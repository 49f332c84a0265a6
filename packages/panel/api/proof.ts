import { useSyncExternalStore } from 'react';
import { HofjeError } from '#model/error.ts';

/**
 * Dangerous acts want a fresh proof of who one is. Whatever act is refused for the lack of it waits here, while the shell asks
 * for the proof, and is then done again.
 */
interface Wanted {
  answer(isProven: boolean): void;
}

let wanted: Wanted | undefined;
const listeners = new Set<() => void>();

function want(next: Wanted | undefined): void {
  wanted = next;
  for (const listener of listeners) listener();
}

function requestProof(): Promise<boolean> {
  wanted?.answer(false);
  return new Promise((resolve) => want({ answer: resolve }));
}

/** Ends the waiting: the act goes on, or it was thought better of. */
export function answerProof(isProven: boolean): void {
  wanted?.answer(isProven);
  want(undefined);
}

/** Whether somebody is to be asked. */
export function useProofWanted(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wanted !== undefined,
  );
}

/** Does something, and does it again after a proof where one is asked for. Throws `auth.step-up` when none was given. */
export async function withProof<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof HofjeError) || error.code !== 'auth.step-up' || !(await requestProof())) throw error;
    return await act();
  }
}
