import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { question } from '../api/query.ts';
import type { Answer } from '../api/routes.ts';
import { useSettled } from '../api/useSettled.ts';
import type { IconName } from '../parts/icons.tsx';
import { useTexts } from '../text/useTexts.tsx';
import { foundTexts, frameTexts } from './texts.ts';

type Hit = Answer<'GET /v1/search'>['items'][number];

/** An object that was found by its name. */
export interface Found {
  readonly id: string;
  readonly icon: IconName;
  readonly text: string;
  /** What it is, and whose. */
  readonly note: string;
  readonly to: string;
}

const ICONS = {
  account: 'people',
  site: 'house',
  domain: 'globe',
  mailbox: 'mail',
  forwarder: 'mail',
  person: 'person',
  node: 'server',
} as const satisfies Record<Hit['kind'], IconName>;

/** What one may see whose name holds what was typed. */
export function useSearched(typed: string): readonly Found[] {
  const say = useTexts(frameTexts);
  const sayKind = useTexts(foundTexts);
  const wanted = useSettled(typed.trim());
  const found = useQuery({
    ...question('GET /v1/search', { query: { q: wanted } }),
    enabled: wanted !== '',
    placeholderData: keepPreviousData,
  });
  if (wanted === '') return [];
  return (found.data?.items ?? []).flatMap((hit) => {
    const to = placeOf(hit);
    if (to === undefined) return [];
    const { kind, id, name, note, accountName } = hit;
    const what =
      accountName === null || kind === 'account'
        ? sayKind(kind)
        : say('found', { kind: sayKind(kind), account: accountName });
    return { id, icon: ICONS[kind], text: name, note: note === null ? what : `${note} · ${what}`, to };
  });
}

/** Where a thing is shown: on its own page, or, of people, on that of an account of theirs. Pure. */
export function placeOf({ kind, id, account }: Pick<Hit, 'kind' | 'id' | 'account'>): string | undefined {
  switch (kind) {
    case 'site':
      return `/sites/${id}`;
    case 'node':
      return `/nodes/${id}`;
    case 'account':
      return `/accounts/${id}`;
    case 'domain':
      return `/mail/${id}`;
    case 'mailbox':
      return `/mailboxes/${id}`;
    case 'forwarder':
      return `/forwarders/${id}`;
    case 'person':
      return account === null ? undefined : `/accounts/${account}`;
  }
}
