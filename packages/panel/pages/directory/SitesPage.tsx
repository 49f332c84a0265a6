import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Listed, question, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useSettled } from '../../api/useSettled.ts';
import { Page } from '../../frame/Page.tsx';
import { Field } from '../../parts/Field.tsx';
import { Section } from '../../parts/Section.tsx';
import { SiteLink } from '../../parts/SiteLink.tsx';
import { SiteState } from '../../parts/SiteState.tsx';
import { Table } from '../../parts/Table.tsx';
import { Empty } from '../../parts/Waiting.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { directoryTexts } from './texts.ts';

type Found = Answer<'GET /v1/search'>['items'][number];

/** Every site of the installation; by any part of any of its names. */
export function SitesPage() {
  const say = useTexts(directoryTexts);
  const [typed, setTyped] = useState('');
  const wanted = useSettled(typed.trim());
  return (
    <Page title={say('sites')} lead={say('lead')}>
      <Field
        label={say('find')}
        value={typed}
        onChange={setTyped}
        type="search"
        autoComplete="off"
        spellCheck="false"
      />
      {wanted === '' ? <Everything /> : <Matching wanted={wanted} />}
    </Page>
  );
}

function Everything() {
  const say = useTexts(directoryTexts);
  const list = useList('GET /v1/sites', {});
  if (list.items?.length === 0) {
    return (
      <Empty icon="globe" title={say('none')}>
        {say('noneText')}
      </Empty>
    );
  }
  return (
    <Section title={say('sites')} isQuiet>
      <Table
        label={say('sites')}
        list={list}
        keyOf={({ id }) => id}
        empty={null}
        columns={[
          { id: 'site', head: say('site'), kind: 'wide', cell: (site) => <SiteLink site={site} /> },
          { id: 'state', head: say('state'), cell: ({ state }) => <SiteState state={state} /> },
          { id: 'plan', head: say('plan'), cell: ({ plan }) => plan },
          {
            id: 'account',
            head: say('account'),
            cell: ({ account }) => (
              <Link to="/accounts/$account" params={{ account }}>
                {say('toAccount')}
              </Link>
            ),
          },
        ]}
      />
    </Section>
  );
}

const FOUND_MAX = 100;

function Matching({ wanted }: { readonly wanted: string }) {
  const say = useTexts(directoryTexts);
  const found = useQuery({
    ...question('GET /v1/search', { query: { q: wanted, kind: 'site', limit: FOUND_MAX } }),
    placeholderData: keepPreviousData,
  });
  const list: Listed<Found> = {
    items: found.data?.items,
    error: found.error,
    hasMore: false,
    isLoadingMore: false,
    more: () => undefined,
  };
  return (
    <Section title={say('sites')} isQuiet>
      <Table
        label={say('sites')}
        list={list}
        keyOf={({ id }) => id}
        empty={<p className="soft">{say('notFound')}</p>}
        columns={[
          { id: 'site', head: say('site'), kind: 'wide', cell: (site) => <FoundSite site={site} /> },
          { id: 'state', head: say('state'), cell: ({ state }) => (state === null ? '' : <SiteState state={state} />) },
          {
            id: 'account',
            head: say('account'),
            cell: ({ account, accountName }) =>
              account === null ? (
                ''
              ) : (
                <Link to="/accounts/$account" params={{ account }}>
                  {accountName}
                </Link>
              ),
          },
        ]}
      />
    </Section>
  );
}

function FoundSite({ site }: { readonly site: Found }) {
  const say = useTexts(directoryTexts);
  return (
    <>
      <SiteLink site={site} />
      {site.note === null ? null : <span className="small soft"> {say('also', { name: site.note })}</span>}
    </>
  );
}
