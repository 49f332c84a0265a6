import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { useLinkSecret } from '../../frame/secret.ts';
import { Button } from '../../parts/Button.tsx';
import { Field, PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { entranceTexts } from './texts.ts';

/** Asks for the mail with the link; with the link's secret, sets the new password. */
export function ResetPage() {
  const secret = useLinkSecret();
  return secret === '' ? <AskLink /> : <UseLink secret={secret} />;
}

function AskLink() {
  const say = useTexts(entranceTexts);
  const [email, setEmail] = useState('');
  const asked = useAct('POST /v1/resets', []);
  const trouble = useTrouble(asked.error).besides();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asked.mutate({ body: { email } });
  };
  return (
    <Page title={say('resetTitle')} lead={say('resetLead')}>
      <form className="entrance-form" onSubmit={submit}>
        {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
        {asked.isSuccess ? <Notice kind="good">{say('resetAsked', { email })}</Notice> : null}
        <Field
          label={say('email')}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          value={email}
          onChange={(text) => {
            setEmail(text);
            asked.reset();
          }}
          isRequired
        />
        <Button
          kind="main"
          type="submit"
          wide
          isPending={asked.isPending}
          isDisabled={asked.isSuccess || email.trim() === ''}
        >
          {say('resetAsk')}
        </Button>
        <ToLogin />
      </form>
    </Page>
  );
}

function UseLink({ secret }: { readonly secret: string }) {
  const say = useTexts(entranceTexts);
  const [password, setPassword] = useState('');
  const set = useAct('POST /v1/resets/use', []);
  const trouble = useTrouble(set.error);
  const besides = trouble.besides('password');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate({ body: { token: secret, password } });
  };
  if (set.isSuccess) {
    return (
      <Page title={say('resetTitle')}>
        <Notice kind="good">{say('passwordSet')}</Notice>
        <ToLogin />
      </Page>
    );
  }
  return (
    <Page title={say('resetTitle')} lead={say('resetUseLead')}>
      <form className="entrance-form" onSubmit={submit}>
        {besides === undefined ? null : <Notice kind="wrong">{besides}</Notice>}
        <PasswordField
          label={say('newPassword')}
          hint={say('newPasswordHint')}
          error={trouble.at('password')}
          name="password"
          autoComplete="new-password"
          autoFocus
          generates
          value={password}
          onChange={setPassword}
          isRequired
        />
        <Button kind="main" type="submit" wide isPending={set.isPending} isDisabled={password === ''}>
          {say('setPassword')}
        </Button>
        <ToLogin />
      </form>
    </Page>
  );
}

function ToLogin() {
  const say = useTexts(entranceTexts);
  return (
    <p className="entrance-foot">
      <Link to="/login">{say('toLogin')}</Link>
    </p>
  );
}
