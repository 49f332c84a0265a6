import { useState } from 'react';
import { useList } from '../../api/query.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Section } from '../../parts/Section.tsx';
import { Segments } from '../../parts/Segments.tsx';
import { Table } from '../../parts/Table.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Chain } from '../audit/Chain.tsx';
import { Deed, Who } from '../audit/Entry.tsx';
import { PERIODS, type Period, sinceOf } from './period.ts';
import { activityTexts } from './texts.ts';
import '../audit/audit.css';
import './activity.css';

/** What was done in the accounts that one belongs to, and the record of it to take away. */
export function ActivityPage() {
  const say = useTexts(activityTexts);
  const { moment } = useFormats();
  const { memberships, person } = useMe();
  const [account, setAccount] = useState<string>(memberships[0]?.account ?? '');
  const [period, setPeriod] = useState<Period>('all');
  const [by, setBy] = useState<'everybody' | 'me'>('everybody');
  const from = sinceOf(period, Date.now());
  const list = useList('GET /v1/audit', {
    limit: 50,
    ...(account !== '' && { account }),
    ...(from !== undefined && { from }),
    ...(by === 'me' && person !== null && { person: person.id }),
  });
  const chosen = memberships.find((membership) => membership.account === account);
  return (
    <Page title={say('activity')} lead={say('lead')}>
      <div className="activity-filters">
        {memberships.length < 2 ? null : (
          <Select
            label={say('account')}
            value={account}
            onChange={setAccount}
            options={memberships.map((each) => ({ value: each.account as string, text: each.accountName }))}
          />
        )}
        <Segments
          label={say('when')}
          value={period}
          onChange={setPeriod}
          options={PERIODS.map((value) => ({ value, text: say(value) }))}
        />
        <Segments
          label={say('who')}
          value={by}
          onChange={setBy}
          options={[
            { value: 'everybody', text: say('everybody') },
            { value: 'me', text: say('me') },
          ]}
        />
      </div>
      <Section title={say('what')}>
        <Table
          label={say('activity')}
          list={list}
          keyOf={({ id }) => id}
          empty={<p className="soft">{say('nothing')}</p>}
          columns={[
            { id: 'at', head: say('when'), cell: ({ at }) => <time dateTime={at}>{moment(at)}</time> },
            { id: 'who', head: say('who'), cell: (record) => <Who record={record} /> },
            { id: 'what', head: say('what'), kind: 'wide', cell: (record) => <Deed record={record} /> },
          ]}
        />
      </Section>
      {chosen === undefined || chosen.role === 'collaborator' ? null : (
        <Chain key={chosen.account} account={chosen.account} />
      )}
    </Page>
  );
}
