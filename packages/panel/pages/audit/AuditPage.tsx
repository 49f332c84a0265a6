import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useList } from '../../api/query.ts';
import { Page } from '../../frame/Page.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Chain } from './Chain.tsx';
import { Deed, Who } from './Entry.tsx';
import { Filters } from './Filters.tsx';
import type { AuditSearch } from './routes.ts';
import { auditTexts } from './texts.ts';
import './audit.css';

/** What was changed, by whom: of everything for operators, of one's own accounts for others. */
export function AuditPage() {
  const say = useTexts(auditTexts);
  const { moment } = useFormats();
  const search = useSearch({ from: '/shell/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const query = useMemo(() => queryOf(search), [search]);
  const list = useList('GET /v1/audit', query);
  return (
    <Page title={say('audit')} lead={say('lead')}>
      <Filters key={JSON.stringify(search)} search={search} onChange={(next) => void navigate({ search: next })} />
      <Section title={say('audit')} isQuiet>
        <Table
          label={say('audit')}
          list={list}
          keyOf={({ id }) => id}
          empty={<p className="soft">{say('nothing')}</p>}
          columns={[
            { id: 'at', head: say('at'), kind: 'short', cell: ({ at }) => <time dateTime={at}>{moment(at)}</time> },
            { id: 'who', head: say('who'), cell: (record) => <Who record={record} /> },
            { id: 'what', head: say('what'), kind: 'wide', cell: (record) => <Deed record={record} /> },
          ]}
        />
      </Section>
      <Chain key={search.account} account={search.account} />
    </Page>
  );
}

const DAY_MS = 86_400_000;

/** Days of the reader's own calendar as moments. Pure. */
function queryOf({ since, until, ...rest }: AuditSearch) {
  const from = since === undefined ? Number.NaN : Date.parse(`${since}T00:00`);
  const to = until === undefined ? Number.NaN : Date.parse(`${until}T00:00`) + DAY_MS - 1;
  return {
    ...rest,
    limit: 50,
    ...(!Number.isNaN(from) && { from: new Date(from).toISOString() }),
    ...(!Number.isNaN(to) && { to: new Date(to).toISOString() }),
  };
}
