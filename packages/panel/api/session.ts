import { type QueryClient, queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import type { Me } from '#contract/api/session.ts';
import { ask, codeOf } from './ask.ts';

const KEY = ['GET /v1/session', {}] as const;

/**
 * A proof gives the session a new cookie. What is asked at the same moment comes with the old one, and is answered that nobody
 * is logged in: it is asked once more after this time.
 */
export const RENEWAL_MS = 400;

function nobody(error: unknown): null {
  if (codeOf(error) === 'auth.required') return null;
  throw error;
}

/** Who is logged in; null for nobody. */
export const meQuestion = queryOptions({
  queryKey: KEY,
  queryFn: async ({ signal, client }): Promise<Me | null> => {
    const read = () => ask('GET /v1/session', {}, { signal }).catch(nobody);
    const me = await read();
    if (me !== null || !client.getQueryData(KEY)) return me;
    await new Promise((resolve) => setTimeout(resolve, RENEWAL_MS));
    return await read();
  },
  staleTime: 60_000,
});

/** The person behind the panel. Only below the shell, which lets nobody else in. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuestion);
  if (data === null) throw new Error('nobody is logged in here');
  return data;
}

/** A log-in has begun: everything that was read before was somebody else's, or nobody's. */
export function enter(client: QueryClient, me: Me): void {
  client.clear();
  client.setQueryData(meQuestion.queryKey, me);
}
