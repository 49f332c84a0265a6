import { useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Badge } from '../../parts/Badge.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { accountTexts, proofTexts } from './texts.ts';

type Domain = Answer<'GET /v1/domains/:domain'>;

/** The domains of an account, and by whose word they are its own. */
export function Domains({ account }: { readonly account: string }) {
  const say = useTexts(accountTexts);
  const sayProof = useTexts(proofTexts);
  const list = useList('GET /v1/domains', { account, limit: 50 });
  const proof = ({ establishedBy }: Domain) =>
    establishedBy === null ? (
      <Badge kind="watch">{say('claimed')}</Badge>
    ) : (
      <Badge kind={establishedBy === 'override' ? 'quiet' : 'good'}>{sayProof(establishedBy)}</Badge>
    );
  return (
    <Section title={say('domains')}>
      <Table
        label={say('domains')}
        list={list}
        keyOf={({ id }) => id}
        empty={<p className="soft">{say('noDomains')}</p>}
        columns={[
          { id: 'domain', head: say('domain'), kind: 'wide', cell: ({ displayName }) => displayName },
          { id: 'proof', head: say('proof'), cell: proof },
          { id: 'mail', head: say('mailHere'), cell: ({ mail }) => say(mail ? 'here' : 'elsewhere') },
        ]}
      />
    </Section>
  );
}
