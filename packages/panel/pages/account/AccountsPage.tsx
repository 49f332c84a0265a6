import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Section } from '../../parts/Section.tsx';
import { Segments } from '../../parts/Segments.tsx';
import { type Column, Table } from '../../parts/Table.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Empty } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { MakeAccount } from './MakeAccount.tsx';
import { HOLDINGS } from './refresh.ts';
import { accountTexts } from './texts.ts';
import './account.css';

type Account = Answer<'GET /v1/accounts/:account'>;

/** Every account that one may see; those that were deleted, until they are gone. */
export function AccountsPage() {
  const say = useTexts(accountTexts);
  const { make = false } = useSearch({ from: '/shell/accounts' });
  const navigate = useNavigate({ from: '/accounts' });
  const [shown, setShown] = useState<'live' | 'deleted'>('live');
  const isAdministrator = useMe().person?.operatorRole === 'administrator';
  const ask = (open: boolean) => void navigate({ search: open ? { make: true } : {}, replace: true });
  return (
    <Page
      title={say('accounts')}
      lead={say('accountsLead')}
      actions={
        isAdministrator ? (
          <Button kind="main" icon="plus" onPress={() => ask(true)}>
            {say('makeAccount')}
          </Button>
        ) : undefined
      }
    >
      <div className="account-choice">
        <Segments
          label={say('shown')}
          value={shown}
          onChange={(next) => setShown(next)}
          options={[
            { value: 'live', text: say('live') },
            { value: 'deleted', text: say('deletedOnes') },
          ]}
        />
      </div>
      {shown === 'live' ? <Live /> : <Deleted />}
      {make && isAdministrator ? <MakeAccount onClose={() => ask(false)} /> : null}
    </Page>
  );
}

function useColumns(): readonly Column<Account>[] {
  const say = useTexts(accountTexts);
  return [
    {
      id: 'name',
      head: say('name'),
      cell: ({ id, name }) => (
        <Link to="/accounts/$account" params={{ account: id }}>
          {name}
        </Link>
      ),
    },
    { id: 'email', head: say('email'), kind: 'wide', cell: ({ email }) => email },
  ];
}

function Live() {
  const say = useTexts(accountTexts);
  const { date } = useFormats();
  const list = useList('GET /v1/accounts', {});
  const columns = useColumns();
  if (list.items?.length === 0) {
    return (
      <Empty icon="people" title={say('noAccounts')}>
        {say('noAccountsText')}
      </Empty>
    );
  }
  return (
    <Section title={say('live')} isQuiet>
      <Table
        label={say('accounts')}
        list={list}
        keyOf={({ id }) => id}
        empty={null}
        columns={[
          ...columns,
          { id: 'made', head: say('made'), kind: 'short', cell: ({ createdAt }) => date(createdAt) },
        ]}
      />
    </Section>
  );
}

function Deleted() {
  const say = useTexts(accountTexts);
  const { moment } = useFormats();
  const list = useList('GET /v1/accounts', { deleted: true });
  const columns = useColumns();
  return (
    <Section title={say('deletedOnes')} isQuiet>
      <Table
        label={say('deletedOnes')}
        list={list}
        keyOf={({ id }) => id}
        empty={<p className="soft">{say('noDeleted')}</p>}
        columns={[
          ...columns,
          {
            id: 'gone',
            head: say('goneOn'),
            cell: ({ purgeAfter }) => (purgeAfter === null ? '' : moment(purgeAfter)),
          },
          { id: 'restore', head: say('acts'), cell: (account) => <Restore account={account} /> },
        ]}
      />
    </Section>
  );
}

/** Brings an account back with all that was deleted with it. */
export function Restore({ account }: { readonly account: Account }) {
  const say = useTexts(accountTexts);
  const sayProblem = useTexts(problems);
  const restore = useAct('POST /v1/accounts/:account/restore', HOLDINGS);
  const bringBack = () =>
    restore.mutate(
      { params: { account: account.id } },
      {
        onSuccess: () => tell({ text: say('restored', { name: account.name }) }),
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
      },
    );
  return (
    <Button onPress={bringBack} isPending={restore.isPending}>
      {say('restore')}
    </Button>
  );
}
