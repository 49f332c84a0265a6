import {
  type QueryClient,
  queryOptions,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useRef } from 'react';
import { ask } from './ask.ts';
import { withProof } from './proof.ts';
import type { Answer, Input, InputOf, ReadRoute, Route } from './routes.ts';

/** A question to the API and its place in the cache, for `useQuery`, loaders and prefetching alike. */
export function question<R extends ReadRoute>(route: R, ...[input]: InputOf<R>) {
  return queryOptions({
    queryKey: [route, input ?? {}] as const,
    queryFn: ({ signal }): Promise<Answer<R>> => ask(route, input, { signal }),
  });
}

/** What the API answers to a question, kept fresh by what happens on the platform. */
export function useAnswer<R extends ReadRoute>(route: R, ...input: InputOf<R>): UseQueryResult<Answer<R>> {
  return useQuery(question(route, ...input)) as UseQueryResult<Answer<R>>;
}

type PageRoute = { [R in ReadRoute]: Answer<R> extends { readonly next: string | null } ? R : never }[ReadRoute];
type ItemOf<R extends PageRoute> = Answer<R> extends { readonly items: readonly (infer Item)[] } ? Item : never;

/** A list that is read page by page: `items` grows with `more()`. */
export interface Listed<Item> {
  /** Undefined until the first page is there. */
  readonly items: readonly Item[] | undefined;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  more(): void;
}

export function useList<R extends PageRoute>(
  route: R,
  query: NonNullable<QueryOf<R>>,
  ...[params]: ParamsOf<R>
): Listed<ItemOf<R>> {
  const list = useInfiniteQuery({
    queryKey: [route, { query, params }, 'pages'],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(route, { params, query: { ...query, cursor: pageParam } } as unknown as Input<R>, { signal })) as {
        readonly items: readonly ItemOf<R>[];
        readonly next: string | null;
      },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  return {
    items: list.data?.pages.flatMap((page) => page.items),
    error: list.error,
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    more: () => void list.fetchNextPage(),
  };
}

type ParamsOf<R extends Route> = Input<R> extends { readonly params: infer P } ? [params: P] : [params?: undefined];
type QueryOf<R extends Route> = Input<R> extends { readonly query?: infer Q } ? Q : never;

/**
 * An act of a person: a call that changes something. While its answer is missing it may be tried again with the same
 * input, and then does nothing twice. Afterwards everything below `refresh` is read anew.
 */
export function useAct<R extends Exclude<Route, ReadRoute>>(
  route: R,
  refresh: readonly string[],
): UseMutationResult<Answer<R>, unknown, Input<R>> {
  const client = useQueryClient();
  const last = useRef({ input: '', key: '' });
  return useMutation({
    mutationFn: (input: Input<R>) => {
      const text = JSON.stringify(input);
      if (last.current.input !== text) last.current = { input: text, key: crypto.randomUUID() };
      const { key: once } = last.current;
      return withProof(() => ask(route, input, { once }));
    },
    // Not waited for: what is told of the act is told even where its place on the page goes with the refreshment.
    onSuccess: () => {
      last.current = { input: '', key: '' };
      void refreshBelow(client, refresh);
    },
  });
}

/** Reads anew what is on the screen of these paths (`/v1/sites` stands for all below it); the rest when it is looked at. */
export async function refreshBelow(client: QueryClient, paths: readonly string[]): Promise<void> {
  await client.invalidateQueries({
    predicate: ({ queryKey: [route] }) =>
      typeof route === 'string' && paths.some((path) => isBelow(route.slice(route.indexOf(' ') + 1), path)),
  });
}

/** Pure. */
export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
