import { Link, Navigate } from '@tanstack/react-router';
import { useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Page } from '../../frame/Page.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { Empty } from '../../parts/Waiting.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { mailTexts } from './texts.ts';

type Domain = Answer<'GET /v1/domains/:domain'>;

/** The domains that one has mail at; a single one is shown at once. */
export function MailPage() {
  const say = useTexts(mailTexts);
  const list = useList('GET /v1/domains', {});
  const [only] = list.items ?? [];
  if (only !== undefined && list.items?.length === 1 && !list.hasMore) {
    return <Navigate to="/mail/$domain" params={{ domain: only.id }} replace />;
  }
  return (
    <Page title={say('mail')} lead={say('lead')}>
      <Section title={say('domains')}>
        <Table
          label={say('domains')}
          list={list}
          keyOf={({ id }) => id}
          columns={[
            { id: 'name', head: say('domain'), kind: 'wide', cell: (domain) => <DomainLink domain={domain} /> },
            { id: 'mail', head: say('delivery'), cell: (domain) => say(deliveryOf(domain)) },
          ]}
          empty={
            <Empty icon="mail" title={say('noDomains')}>
              {say('noDomainsText')}
            </Empty>
          }
        />
      </Section>
    </Page>
  );
}

function DomainLink({ domain }: { readonly domain: Domain }) {
  return (
    <Link to="/mail/$domain" params={{ domain: domain.id }}>
      {domain.displayName}
    </Link>
  );
}

/** What becomes of mail for a domain, as the key of its words. Pure. */
export function deliveryOf({ establishedBy, mail }: Domain): 'arrives' | 'toProve' | 'elsewhere' {
  if (!mail) return 'elsewhere';
  return establishedBy === null ? 'toProve' : 'arrives';
}
