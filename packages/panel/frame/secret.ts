import { useState } from 'react';

/**
 * The secret that a link carries behind its `#`. It is taken out of the address at once, so that neither the history nor a
 * picture of the screen keeps it. Empty where there is none.
 */
export function useLinkSecret(): string {
  const [secret] = useState(takeSecret);
  return secret;
}

/** Kept for as long as the page lives: a component may be made twice. */
const taken = new Map<string, string>();

function takeSecret(): string {
  const { hash, pathname, search } = location;
  if (hash.length > 1) {
    taken.set(pathname, hash.slice(1));
    history.replaceState(history.state, '', pathname + search);
  }
  return taken.get(pathname) ?? '';
}
