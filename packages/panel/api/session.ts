import { type QueryClient, queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import type { Me } from '#contract/api/session.ts';
import { ask, codeOf } from './ask.ts';

/** Who is logged in; null for nobody. */
export const meQuestion = queryOptions({
  queryKey: ['GET /v1/session', {}] as const,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await ask('GET /v1/session', {}, { signal });
    } catch (error) {
      if (codeOf(error) === 'auth.required') return null;
      throw error;
    }
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
