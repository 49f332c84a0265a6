import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { codeOf } from './ask.ts';
import { meQuestion, RENEWAL_MS } from './session.ts';

/** What passes by itself: a control plane that starts anew, a network that comes back. */
const PASSING = new Set(['network.unreachable', 'network.unexpected', 'unavailable']);

/** The cache of all that was read. What is read and fails in passing is tried again; what changes something never by itself. */
export function makeQueryClient(): QueryClient {
  const loseSession = (error: unknown) => {
    if (codeOf(error) === 'auth.required') client.setQueryData(meQuestion.queryKey, null);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: loseSession }),
    mutationCache: new MutationCache({ onError: loseSession }),
    defaultOptions: {
      queries: {
        staleTime: 20_000,
        retry: (failures, error) =>
          codeOf(error) === 'auth.required' ? failures < 1 : PASSING.has(codeOf(error)) && failures < 6,
        retryDelay: (failures, error) =>
          codeOf(error) === 'auth.required' ? RENEWAL_MS : Math.min(500 * 2 ** failures, 8000),
      },
      mutations: { retry: false },
    },
  });
  return client;
}
