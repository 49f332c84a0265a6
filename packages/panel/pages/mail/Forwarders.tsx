import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Button } from '../../parts/Button.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { Empty } from '../../parts/Waiting.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { forwarderTexts } from './forwarder-texts.ts';
import { NewForwarder } from './NewForwarder.tsx';

type Forwarder = Answer<'GET /v1/forwarders/:forwarder'>;

interface ForwardersProps {
  readonly domain: Answer<'GET /v1/domains/:domain'>;
  readonly mayKeep: boolean;
}

/** Where other mail of a domain goes. */
export function Forwarders({ domain, mayKeep }: ForwardersProps) {
  const say = useTexts(forwarderTexts);
  const list = useList('GET /v1/forwarders', { domain: domain.id });
  const [isMaking, setMaking] = useState(false);
  return (
    <Section
      title={say('forwarders')}
      lead={say('forwardersLead')}
      actions={
        mayKeep ? (
          <Button icon="plus" onPress={() => setMaking(true)}>
            {say('newForwarder')}
          </Button>
        ) : undefined
      }
    >
      <Table
        label={say('forwarders')}
        list={list}
        keyOf={({ id }) => id}
        columns={[
          { id: 'address', head: say('address'), cell: (forwarder) => <ForwarderLink forwarder={forwarder} /> },
          { id: 'to', head: say('goesTo'), kind: 'wide', cell: (forwarder) => <GoesTo forwarder={forwarder} /> },
        ]}
        empty={
          <Empty icon="forward" title={say('none')}>
            {say('noneText', { name: domain.displayName })}
          </Empty>
        }
      />
      {isMaking ? <NewForwarder domain={domain} onClose={() => setMaking(false)} /> : null}
    </Section>
  );
}

function ForwarderLink({ forwarder }: { readonly forwarder: Forwarder }) {
  return (
    <Link to="/forwarders/$forwarder" params={{ forwarder: forwarder.id }}>
      {forwarder.address}
    </Link>
  );
}

function GoesTo({ forwarder }: { readonly forwarder: Forwarder }) {
  if (forwarder.kind === 'pipe') return <code>{forwarder.argv?.join(' ')}</code>;
  return forwarder.to?.join(', ');
}
