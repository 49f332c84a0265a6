import { type FormEvent, useState } from 'react';
import type { AccountRole } from '#model/right/role.ts';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import type { Membership } from './PeoplePage.tsx';
import { RoleFields } from './RoleFields.tsx';
import { peopleTexts } from './texts.ts';

type Member = Answer<'GET /v1/accounts/:account/members'>['items'][number];

const REFRESH = ['/v1/accounts/:account/members', '/v1/session'];
/** All of them: nobody has more in one house. */
const LIMIT = 500;

interface MembersProps {
  readonly membership: Membership;
}

/** The people of an account. */
export function Members({ membership }: MembersProps) {
  const say = useTexts(peopleTexts);
  const { account, role } = membership;
  const members = useAnswer('GET /v1/accounts/:account/members', { params: { account }, query: { limit: LIMIT } });
  return (
    <Section title={say('members')}>
      <Loaded from={members} lines={4}>
        {({ items }) => (
          <ul>
            {items.map((member) => (
              <MemberRow key={member.person} account={account} member={member} mayChange={role === 'owner'} />
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

interface MemberRowProps {
  readonly account: string;
  readonly member: Member;
  readonly mayChange: boolean;
}

function MemberRow({ account, member, mayChange }: MemberRowProps) {
  const say = useTexts(peopleTexts);
  const me = useMe();
  const [asked, setAsked] = useState<'change' | 'remove'>();
  const isSelf = me.person?.id === member.person;
  const { name } = member;
  const close = () => setAsked(undefined);
  return (
    <li className="people-row">
      <span className="people-words">
        <span>
          <strong>{name}</strong> {isSelf ? <span className="soft">({say('you')})</span> : null}
        </span>
        <span className="small soft">
          {member.email} · {say(member.role)}
          {member.role === 'collaborator' ? ` ${say('onSites', { count: member.sites.length })}` : null}
        </span>
      </span>
      {mayChange && !isSelf ? (
        <span className="people-acts">
          <Button aria-label={say('changeOf', { name })} onPress={() => setAsked('change')}>
            {say('change')}
          </Button>
          <Button kind="danger" aria-label={say('removeOf', { name })} onPress={() => setAsked('remove')}>
            {say('remove')}
          </Button>
        </span>
      ) : null}
      {asked === 'change' ? <Change account={account} member={member} onClose={close} /> : null}
      {asked === 'remove' ? <Remove account={account} member={member} onClose={close} /> : null}
    </li>
  );
}

interface DialogProps {
  readonly account: string;
  readonly member: Member;
  onClose(): void;
}

function Change({ account, member, onClose }: DialogProps) {
  const say = useTexts(peopleTexts);
  const sayCommon = useTexts(common);
  const [role, setRole] = useState<AccountRole>(member.role);
  const [sites, setSites] = useState<readonly string[]>(member.sites);
  const change = useAct('PATCH /v1/accounts/:account/members/:person', REFRESH);
  const trouble = useTrouble(change.error);
  const { name } = member;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      {
        params: { account, person: member.person },
        body: { role, ...(role === 'collaborator' && { sites: [...sites] }) },
      },
      {
        onSuccess: () => {
          tell({ text: say('changed', { name }) });
          onClose();
        },
      },
    );
  };
  const rest = trouble.besides('sites');
  return (
    <Ask title={say('changeOf', { name })} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
          <RoleFields
            account={account}
            role={role}
            onRole={setRole}
            sites={sites}
            onSites={setSites}
            error={trouble.at('sites')}
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="main" type="submit" isPending={change.isPending}>
              {sayCommon('save')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}

function Remove({ account, member, onClose }: DialogProps) {
  const say = useTexts(peopleTexts);
  const remove = useAct('DELETE /v1/accounts/:account/members/:person', REFRESH);
  const { name } = member;
  const confirmed = () =>
    remove.mutate(
      { params: { account, person: member.person } },
      {
        onSuccess: () => {
          tell({ text: say('removed', { name }) });
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={say('removeTitle', { name })}
      act={say('remove')}
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={confirmed}
      onClose={onClose}
    >
      <p>{say('removeText')}</p>
    </Confirm>
  );
}
