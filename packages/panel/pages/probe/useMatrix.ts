import { useInfiniteQuery } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/routes.ts';

export type Matrix = Answer<'GET /v1/probes/matrix'>;

const ROUTE = 'GET /v1/probes/matrix';
const ROWS = 60;

/** The matrix as far as it was read. */
export interface ReadMatrix {
  /** All pages as one; undefined until the first is there. */
  readonly matrix: Matrix | undefined;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  more(): void;
}

export function useMatrix(holes: boolean): ReadMatrix {
  const list = useInfiniteQuery({
    queryKey: [ROUTE, { query: { holes } }, 'pages'],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      await ask(
        ROUTE,
        { query: { holes, limit: ROWS, ...(pageParam === undefined ? {} : { cursor: pageParam }) } },
        { signal },
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  return {
    matrix: list.data === undefined ? undefined : joined(list.data.pages),
    error: list.error,
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    more: () => void list.fetchNextPage(),
  };
}

/** Pages one after the other; what is told of the whole comes from the last. Pure. */
export function joined(pages: readonly Matrix[]): Matrix | undefined {
  const last = pages.at(-1);
  if (last === undefined) return undefined;
  const controls = new Map(pages.flatMap((page) => page.controls).map((control) => [control.node, control]));
  return { ...last, items: pages.flatMap(({ items }) => items), controls: [...controls.values()] };
}
