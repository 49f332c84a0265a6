import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api/ask.ts';
import { canUsePasskeys, provePasskey } from '../../api/passkey.ts';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Field, PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { SecondStep } from './SecondStep.tsx';
import { entranceTexts } from './texts.ts';
import { useEntering } from './useEntering.ts';

export type Entered = Answer<'POST /v1/session'>;

/** Address and password, or a passkey; then, where it is asked for, the second step. */
export function LoginPage() {
  const { to } = useSearch({ from: '/entrance/login' });
  const goIn = useEntering(to);
  const [half, setHalf] = useState<Entered>();
  const onEntered = (entered: Entered) => {
    if (entered.me === null) setHalf(entered);
    else goIn(entered.me);
  };
  if (half !== undefined) return <SecondStep entrance={half} onEntered={onEntered} onBack={() => setHalf(undefined)} />;
  return <FirstStep onEntered={onEntered} />;
}

function FirstStep({ onEntered }: { readonly onEntered: (entered: Entered) => void }) {
  const say = useTexts(entranceTexts);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const logIn = useAct('POST /v1/session', []);
  const byPasskey = useMutation({
    mutationFn: async () =>
      await ask('POST /v1/session/passkey', {
        body: { passkey: await provePasskey(await ask('POST /v1/session/passkey/options')) },
      }),
    onSuccess: onEntered,
  });
  const trouble = useTrouble(logIn.error ?? byPasskey.error).besides();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    byPasskey.reset();
    logIn.mutate({ body: { email, password } }, { onSuccess: onEntered });
  };

  return (
    <Page title={say('loginTitle')} lead={say('loginLead')}>
      <form className="entrance-form" onSubmit={submit}>
        {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
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
        {canUsePasskeys() ? (
          <>
            <p className="entrance-or">{say('or')}</p>
            <Button
              icon="passkey"
              wide
              isPending={byPasskey.isPending}
              onPress={() => {
                logIn.reset();
                byPasskey.mutate();
              }}
            >
              {say('withPasskey')}
            </Button>
          </>
        ) : null}
        <p className="entrance-foot">
          <Link to="/reset">{say('forgotten')}</Link>
        </p>
      </form>
    </Page>
  );
}
