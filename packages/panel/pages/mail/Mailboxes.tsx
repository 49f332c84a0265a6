import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Listed, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Button } from '../../parts/Button.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { Empty } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { NewMailbox } from './NewMailbox.tsx';
import { mailTexts } from './texts.ts';

type Domain = Answer<'GET /v1/domains/:domain'>;
type Mailbox = Answer<'GET /v1/mailboxes/:mailbox'>;

interface MailboxesProps {
  readonly domain: Domain;
  readonly mayKeep: boolean;
}

/** The mailboxes of a domain. */
export function Mailboxes({ domain, mayKeep }: MailboxesProps) {
  const say = useTexts(mailTexts);
  const { bytes, date } = useFormats();
  const list = useList('GET /v1/mailboxes', { domain: domain.id });
  const [isMaking, setMaking] = useState(false);
  const make = () => setMaking(true);
  return (
    <Section
      title={say('mailboxes')}
      lead={say('mailboxesLead')}
      actions={
        mayKeep ? (
          <Button kind="main" icon="plus" onPress={make}>
            {say('newMailbox')}
          </Button>
        ) : undefined
      }
    >
      <Table
        label={say('mailboxes')}
        list={list}
        keyOf={({ id }) => id}
        columns={[
          { id: 'address', head: say('address'), kind: 'wide', cell: (mailbox) => <MailboxLink mailbox={mailbox} /> },
          { id: 'room', head: say('room'), kind: 'number', cell: ({ quotaBytes }) => bytes(quotaBytes) },
          { id: 'since', head: say('since'), cell: ({ createdAt }) => date(createdAt) },
        ]}
        empty={
          <Empty icon="mail" title={say('noMailboxes')}>
            {say('noMailboxesText', { name: domain.displayName })}
          </Empty>
        }
      />
      <Given domain={domain} list={list} />
      {isMaking ? <NewMailbox domain={domain} onClose={() => setMaking(false)} /> : null}
    </Section>
  );
}

function MailboxLink({ mailbox }: { readonly mailbox: Mailbox }) {
  return (
    <Link to="/mailboxes/$mailbox" params={{ mailbox: mailbox.id }}>
      {mailbox.address}
    </Link>
  );
}

/** How much of the domain's room is given away, once all mailboxes are known. */
function Given({ domain, list }: { readonly domain: Domain; readonly list: Listed<Mailbox> }) {
  const say = useTexts(mailTexts);
  const { bytes } = useFormats();
  if (list.items === undefined || list.items.length === 0 || list.hasMore) return null;
  const given = list.items.reduce((sum, { quotaBytes }) => sum + quotaBytes, 0);
  const sizes = { given: bytes(given), limit: bytes(domain.mailLimitBytes) };
  return <p className="small soft">{say('givenText', sizes)}</p>;
}
