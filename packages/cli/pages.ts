import type { Endpoint, EndpointAnswer, EndpointInput } from '#contract/api/endpoint.ts';
import type { Client } from '#platform/api/client.ts';

const PAGE = 500;

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** An endpoint that answers page by page. */
type Paged = Endpoint & { readonly method: 'GET' };
type ItemOf<E extends Endpoint> = EndpointAnswer<E> extends PageOf<infer T> ? T : never;

/** Every item of a list, page after page. */
export async function listAll<E extends Paged>(
  client: Client,
  endpoint: E,
  input: EndpointInput<E>,
): Promise<readonly ItemOf<E>[]> {
  const given: { readonly query?: object } = input;
  const items: ItemOf<E>[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { ...given.query, limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = (await client.call(endpoint, { ...input, query })) as PageOf<ItemOf<E>>;
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}
