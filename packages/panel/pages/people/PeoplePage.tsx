import { useState } from 'react';
import type { Me } from '#contract/api/session.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Empty } from '../../parts/Waiting.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { Support } from '../account/Support.tsx';
import { Invitations } from './Invitations.tsx';
import { Leaving } from './Leaving.tsx';
import { Members } from './Members.tsx';
import { peopleTexts } from './texts.ts';
import './people.css';

export type Membership = Me['memberships'][number];

/** Who belongs to an account of mine. */
export function PeoplePage() {
  const say = useTexts(peopleTexts);
  const { memberships } = useMe();
  const [chosen, setChosen] = useState<string>(memberships[0]?.account ?? '');
  const membership = memberships.find(({ account }) => account === chosen) ?? memberships[0];
  if (membership === undefined) {
    return (
      <Page title={say('people')}>
        <Empty icon="people" title={say('noAccountTitle')}>
          {say('noAccountText')}
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={say('people')}
      lead={say('lead')}
      actions={<Leaving key={membership.account} membership={membership} />}
    >
      {memberships.length === 1 ? null : (
        <div className="people-account">
          <Select
            label={say('account')}
            value={membership.account as string}
            onChange={setChosen}
            options={memberships.map(({ account, accountName }) => ({ value: account as string, text: accountName }))}
          />
        </div>
      )}
      {membership.role === 'collaborator' ? null : (
        <>
          <Members key={`members ${membership.account}`} membership={membership} />
          <Invitations key={`invitations ${membership.account}`} membership={membership} />
          <Support account={{ id: membership.account, name: membership.accountName, deletedAt: null }} />
        </>
      )}
    </Page>
  );
}
