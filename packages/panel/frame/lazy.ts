import { lazyRouteComponent } from '@tanstack/react-router';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

/**
 * A page whose code is fetched when somebody goes there. Where the platform is away just then, the page before stays until it
 * is back; where a newer panel has taken the file's place, the whole panel is loaded anew.
 */
export const lazyPage: typeof lazyRouteComponent = (load, name) => lazyRouteComponent(() => patiently(load), name);

async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await load();
    } catch (error) {
      // It answers, and has no such file any more: the router's own way is to load everything anew, once.
      if (await isThere()) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function isThere(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}
