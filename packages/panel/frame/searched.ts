import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { question } from '../api/query.ts';
import type { IconName } from '../parts/icons.tsx';

/** An object that was found by its name. */
export interface Found {
  readonly id: string;
  readonly icon: IconName;
  readonly text: string;
  readonly words: string;
  readonly to: string;
}

const LIMIT = 50;
const SHOWN = 8;

/** What one may see whose name holds what was typed. */
export function useSearched(typed: string): readonly Found[] {
  const wanted = typed.trim().toLowerCase();
  const sites = useQuery({
    ...question('GET /v1/sites', { query: { limit: LIMIT } }),
    enabled: wanted !== '',
    placeholderData: keepPreviousData,
  });
  if (wanted === '') return [];
  return (sites.data?.items ?? [])
    .filter(({ hosts }) => hosts.some(({ name }) => name.includes(wanted)))
    .slice(0, SHOWN)
    .map(({ id, name }) => ({ id, icon: 'house', text: name, words: '', to: `/sites/${id}` }));
}
