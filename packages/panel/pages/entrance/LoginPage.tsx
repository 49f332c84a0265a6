import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import { enter } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Field, PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { entranceTexts } from './texts.ts';

export function LoginPage() {
  const say = useTexts(entranceTexts);
  const sayProblem = useTexts(problems);
  const client = useQueryClient();
  const router = useRouter();
  const { to } = useSearch({ from: '/entrance/login' });
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const logIn = useAct('POST /v1/session', []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate(
      { body: { email, password } },
      {
        onSuccess: ({ me }) => {
          if (me === null) return;
          enter(client, me);
          router.history.replace(to ?? '/');
        },
      },
    );
  };

  return (
    <Page title={say('loginTitle')} lead={say('loginLead')}>
      <form className="entrance-form" onSubmit={submit}>
        {logIn.error === null ? null : <Notice kind="wrong">{problemText(sayProblem, logIn.error)}</Notice>}
        <Field
          label={say('email')}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          autoFocus
          isRequired
        />
        <PasswordField
          label={say('password')}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          isRequired
        />
        <Button kind="main" type="submit" wide isPending={logIn.isPending}>
          {say('login')}
        </Button>
      </form>
    </Page>
  );
}
