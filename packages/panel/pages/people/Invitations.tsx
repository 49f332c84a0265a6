import { type FormEvent, useState } from 'react';
import type { AccountRole } from '#model/right/role.ts';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Secret } from '../../parts/Secret.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import type { Membership } from './PeoplePage.tsx';
import { RoleFields } from './RoleFields.tsx';
import { peopleTexts } from './texts.ts';

type Invitation = Answer<'GET /v1/accounts/:account/invitations'>['items'][number];

const REFRESH = ['/v1/accounts/:account/invitations'];
const DAYS = ['1', '7', '30'] as const;

/** Invitations that are open, and new ones. */
export function Invitations({ membership }: { readonly membership: Membership }) {
  const say = useTexts(peopleTexts);
  const { account, role } = membership;
  const [isInviting, setInviting] = useState(false);
  const invitations = useAnswer('GET /v1/accounts/:account/invitations', { params: { account } });
  const mayInvite = role === 'owner';
  return (
    <Section
      title={say('invitations')}
      lead={say('invitationsLead')}
      actions={
        mayInvite ? (
          <Button kind="main" icon="plus" onPress={() => setInviting(true)}>
            {say('invite')}
          </Button>
        ) : undefined
      }
    >
      <Loaded from={invitations} lines={2}>
        {({ items }) => {
          const open = items.filter(({ state }) => state === 'open');
          if (open.length === 0) return <p className="soft">{say('noInvitations')}</p>;
          return (
            <ul>
              {open.map((invitation) => (
                <InvitationRow key={invitation.id} account={account} invitation={invitation} mayRevoke={mayInvite} />
              ))}
            </ul>
          );
        }}
      </Loaded>
      {isInviting ? <Invite account={account} onClose={() => setInviting(false)} /> : null}
    </Section>
  );
}

interface InvitationRowProps {
  readonly account: string;
  readonly invitation: Invitation;
  readonly mayRevoke: boolean;
}

function InvitationRow({ account, invitation, mayRevoke }: InvitationRowProps) {
  const say = useTexts(peopleTexts);
  const sayProblem = useTexts(problems);
  const { moment } = useFormats();
  const revoke = useAct('DELETE /v1/accounts/:account/invitations/:invitation', REFRESH);
  const { id, email, role, expiresAt } = invitation;
  const who = email ?? say('anybody');
  const takeBack = () =>
    revoke.mutate(
      { params: { account, invitation: id } },
      {
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
        onSuccess: () => tell({ text: say('revoked') }),
      },
    );
  return (
    <li className="people-row">
      <span className="people-words">
        <strong>{who}</strong>
        <span className="small soft">
          {say('until', { role: role === null ? '' : say(role), when: moment(expiresAt) })}
        </span>
      </span>
      {mayRevoke ? (
        <Button aria-label={say('revokeOf', { who })} onPress={takeBack} isPending={revoke.isPending}>
          {say('revoke')}
        </Button>
      ) : null}
    </li>
  );
}

function Invite({ account, onClose }: { readonly account: string; onClose(): void }) {
  const say = useTexts(peopleTexts);
  const sayCommon = useTexts(common);
  const [role, setRole] = useState<AccountRole>('collaborator');
  const [sites, setSites] = useState<readonly string[]>([]);
  const [email, setEmail] = useState('');
  const [days, setDays] = useState<(typeof DAYS)[number]>('7');
  const invite = useAct('POST /v1/accounts/:account/invitations', REFRESH);
  const trouble = useTrouble(invite.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = {
      ...(role === 'collaborator' && { sites: [...sites] }),
      ...(email.trim() !== '' && { email: email.trim() }),
    };
    invite.mutate({ params: { account }, body: { role, days: Number(days), ...given } });
  };
  if (invite.data !== undefined) {
    return (
      <Ask title={say('linkTitle')} isOpen onClose={onClose}>
        <Fields>
          <p>{say('linkText')}</p>
          <Secret text={invite.data.url} what={say('link')} />
          <Buttons>
            <Button kind="main" onPress={onClose}>
              {sayCommon('done')}
            </Button>
          </Buttons>
        </Fields>
      </Ask>
    );
  }
  const rest = trouble.besides('email', 'sites');
  return (
    <Ask title={say('invite')} isOpen onClose={onClose}>
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
          <Field
            label={say('inviteMail')}
            hint={say('inviteMailHint')}
            error={trouble.at('email')}
            type="email"
            autoComplete="off"
            value={email}
            onChange={setEmail}
          />
          <Select
            label={say('days')}
            value={days}
            onChange={setDays}
            options={DAYS.map((value) => ({ value, text: say('daysText', { count: Number(value) }) }))}
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button
              kind="main"
              type="submit"
              isPending={invite.isPending}
              isDisabled={role === 'collaborator' && sites.length === 0}
            >
              {say('makeLink')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
