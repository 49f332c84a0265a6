import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api/ask.ts';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { meQuestion } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { useLinkSecret } from '../../frame/secret.ts';
import { Button } from '../../parts/Button.tsx';
import { Field, PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Failed, Skeleton } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useLanguage, useTexts } from '../../text/useTexts.tsx';
import { invitationTexts } from './invitation-texts.ts';
import { entranceTexts } from './texts.ts';

type Invitation = Answer<'POST /v1/invitations/look'>;

/** What somebody is invited to, and the shortest way in: as who is logged in, or as somebody new. */
export function InvitationPage() {
  const say = useTexts(invitationTexts);
  const sayEntrance = useTexts(entranceTexts);
  const secret = useLinkSecret();
  const invitation = useQuery({
    queryKey: ['POST /v1/invitations/look', secret],
    queryFn: ({ signal }) => ask('POST /v1/invitations/look', { body: { token: secret } }, { signal }),
    enabled: secret !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const me = useQuery(meQuestion);
  if (secret === '') {
    return (
      <Page title={say('title')}>
        <Notice kind="watch">{sayEntrance('linkMissing')}</Notice>
      </Page>
    );
  }
  if (invitation.data === undefined || me.isPending) {
    return (
      <Page title={say('title')}>
        {invitation.error ? <Failed error={invitation.error} /> : <Skeleton lines={4} />}
      </Page>
    );
  }
  const { data } = invitation;
  return (
    <Page title={say(data.accountName === null ? 'operatorTitle' : 'title')} lead={<What invitation={data} />}>
      {me.data?.person ? (
        <AsKnown secret={secret} email={me.data.person.email} />
      ) : (
        <AsNew secret={secret} invitation={data} />
      )}
    </Page>
  );
}

function What({ invitation }: { readonly invitation: Invitation }) {
  const say = useTexts(invitationTexts);
  const { moment } = useFormats();
  const { accountName, role, operatorRole, invitedBy, expiresAt } = invitation;
  const inviter = invitedBy ?? say('machine');
  const what =
    accountName !== null && role !== null
      ? say('toAccount', { inviter, account: accountName, role: say(role) })
      : say('toPlatform', { inviter, role: say(operatorRole ?? 'administrator') });
  return (
    <>
      {what} {say('until', { moment: moment(expiresAt) })}
    </>
  );
}

/** Goes in with everything read anew: one sees more than before. */
function useAccepting(secret: string) {
  const client = useQueryClient();
  const router = useRouter();
  const accept = useAct('POST /v1/invitations/accept', []);
  const trouble = useTrouble(accept.error);
  const goIn = () => {
    client.clear();
    router.history.replace('/');
  };
  return { accept, trouble, goIn, token: secret };
}

function AsKnown({ secret, email }: { readonly secret: string; readonly email: string }) {
  const say = useTexts(invitationTexts);
  const { accept, trouble, goIn, token } = useAccepting(secret);
  const text = trouble.besides();
  return (
    <div className="entrance-form">
      {text === undefined ? null : <Notice kind="wrong">{text}</Notice>}
      <Button
        kind="main"
        wide
        isPending={accept.isPending}
        onPress={() => accept.mutate({ body: { token } }, { onSuccess: goIn })}
      >
        {say('as', { email })}
      </Button>
    </div>
  );
}

function AsNew({ secret, invitation }: { readonly secret: string; readonly invitation: Invitation }) {
  const say = useTexts(invitationTexts);
  const language = useLanguage();
  const { accept, trouble, goIn, token } = useAccepting(secret);
  const [name, setName] = useState('');
  const [email, setEmail] = useState(invitation.email ?? '');
  const [password, setPassword] = useState('');
  const besides = trouble.besides('name', 'email', 'password');
  const isBound = invitation.email !== null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { token, name, password, language, ...(isBound ? {} : { email }) };
    accept.mutate({ body }, { onSuccess: goIn });
  };
  return (
    <form className="entrance-form" onSubmit={submit}>
      {besides === undefined ? null : <Notice kind="wrong">{besides}</Notice>}
      <Field
        label={say('email')}
        error={trouble.at('email')}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        isReadOnly={isBound}
        autoFocus={!isBound}
        isRequired
      />
      <Field
        label={say('name')}
        hint={say('nameHint')}
        error={trouble.at('name')}
        name="name"
        autoComplete="name"
        autoFocus={isBound}
        value={name}
        onChange={setName}
        isRequired
      />
      <PasswordField
        label={say('password')}
        hint={say('passwordHint')}
        error={trouble.at('password')}
        name="password"
        autoComplete="new-password"
        generates
        value={password}
        onChange={setPassword}
        isRequired
      />
      <Button
        kind="main"
        type="submit"
        wide
        isPending={accept.isPending}
        isDisabled={name.trim() === '' || email.trim() === '' || password === ''}
      >
        {say('accept')}
      </Button>
      <p className="entrance-foot">
        <Link to="/login" search={{ to: '/invitation' }}>
          {say('known')}
        </Link>
      </p>
    </form>
  );
}
