import { type FormEvent, useState } from 'react';
import { useAct, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Field } from '../../parts/Field.tsx';
import { Secret } from '../../parts/Secret.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { accountTexts } from './texts.ts';

type Account = Answer<'GET /v1/accounts/:account'>;

/** Who logs in for an account. An administrator invites owners; whom these invite is their own business. */
export function Members({ account }: { readonly account: Account }) {
  const say = useTexts(accountTexts);
  const list = useList('GET /v1/accounts/:account/members', { limit: 50 }, { account: account.id });
  const [isInviting, setInviting] = useState(false);
  const isAdministrator = useMe().person?.operatorRole === 'administrator';
  const invite = (
    <Button icon="plus" onPress={() => setInviting(true)}>
      {say('inviteOwner')}
    </Button>
  );
  return (
    <Section title={say('members')} actions={isAdministrator && account.deletedAt === null ? invite : undefined}>
      <Table
        label={say('members')}
        list={list}
        keyOf={({ person }) => person}
        empty={<p className="soft">{say('noMembers')}</p>}
        columns={[
          { id: 'person', head: say('person'), cell: ({ name }) => name },
          { id: 'email', head: say('email'), kind: 'wide', cell: ({ email }) => email },
          { id: 'role', head: say('role'), cell: ({ role }) => say(role) },
        ]}
      />
      {isInviting ? <Invite account={account} onClose={() => setInviting(false)} /> : null}
    </Section>
  );
}

function Invite({ account, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  const say = useTexts(accountTexts);
  const sayCommon = useTexts(common);
  const [email, setEmail] = useState('');
  const invite = useAct('POST /v1/accounts/:account/invitations', ['/v1/accounts']);
  const trouble = useTrouble(invite.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = email.trim() === '' ? {} : { email: email.trim() };
    invite.mutate({ params: { account: account.id }, body: { role: 'owner', ...address } });
  };
  return (
    <Ask title={say('inviteOwner')} isOpen onClose={onClose}>
      {invite.data === undefined ? (
        <form onSubmit={submit}>
          <Fields>
            <p className="soft">{say('inviteText', { name: account.name })}</p>
            <Field
              label={say('inviteEmail')}
              hint={say('inviteEmailHint')}
              error={trouble.at('email') ?? trouble.besides('email')}
              type="email"
              value={email}
              onChange={setEmail}
              autoComplete="off"
              autoFocus
            />
            <Buttons>
              <Button onPress={onClose}>{sayCommon('cancel')}</Button>
              <Button kind="main" type="submit" isPending={invite.isPending}>
                {say('inviteMake')}
              </Button>
            </Buttons>
          </Fields>
        </form>
      ) : (
        <Fields>
          <Secret text={invite.data.url} what={say('inviteLink')} />
          <Buttons>
            <Button kind="main" onPress={onClose}>
              {sayCommon('close')}
            </Button>
          </Buttons>
        </Fields>
      )}
    </Ask>
  );
}
