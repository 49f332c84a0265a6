import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../api/ask.ts';
import { canUsePasskeys, provePasskey } from '../api/passkey.ts';
import { answerProof } from '../api/proof.ts';
import type { Input } from '../api/routes.ts';
import { meQuestion } from '../api/session.ts';
import { useTrouble } from '../api/trouble.ts';
import { Ask, Buttons, Fields } from '../parts/Ask.tsx';
import { Button } from '../parts/Button.tsx';
import { Field, PasswordField } from '../parts/Field.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Loaded } from '../parts/Waiting.tsx';
import { common } from '../text/common.ts';
import { defineTexts } from '../text/define.ts';
import { useTexts } from '../text/useTexts.tsx';

type Given = Input<'POST /v1/session/proof'>['body'];
type Means = 'password' | 'totp';

const texts = defineTexts('prove-again', {
  title: { en: 'Is it you?', nl: 'Ben jij het?' },
  lead: {
    en: 'This can do harm in other hands, so we ask once more. It holds for ten minutes.',
    nl: 'In andere handen kan dit kwaad, dus we vragen het nog een keer. Het geldt tien minuten.',
  },
  password: { en: 'Your password', nl: 'Je wachtwoord' },
  totp: { en: 'Code of your app', nl: 'Code van je app' },
  passkey: { en: 'Use a passkey', nl: 'Gebruik een passkey' },
  goOn: { en: 'Go on', nl: 'Ga door' },
  byPassword: { en: 'Use the password instead', nl: 'Gebruik toch het wachtwoord' },
  byCode: { en: 'Use the app instead', nl: 'Gebruik toch de app' },
});

/** Asks for any one of the factors that one has. Closing it leaves the act undone. */
export function Proof() {
  const say = useTexts(texts);
  const offered = useQuery({
    queryKey: ['proof'],
    queryFn: async () => await ask('POST /v1/session/proof/options'),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Ask title={say('title')} isOpen onClose={() => answerProof(false)}>
      <p className="soft">{say('lead')}</p>
      <Loaded from={offered} lines={2}>
        {({ means, passkey }) => <Means means={means} passkey={passkey} />}
      </Loaded>
    </Ask>
  );
}

interface MeansProps {
  readonly means: readonly ('password' | 'totp' | 'passkey')[];
  readonly passkey: Readonly<Record<string, unknown>> | null;
}

function Means({ means, passkey }: MeansProps) {
  const say = useTexts(texts);
  const sayCommon = useTexts(common);
  const client = useQueryClient();
  const typed = means.filter((name): name is Means => name !== 'passkey');
  const [chosen, setChosen] = useState<Means | undefined>(typed[0]);
  const [secret, setSecret] = useState('');
  const prove = useMutation({
    mutationFn: async (given: () => Promise<Given>) => await ask('POST /v1/session/proof', { body: await given() }),
    onSuccess: (me) => {
      client.setQueryData(meQuestion.queryKey, me);
      answerProof(true);
    },
  });
  const trouble = useTrouble(prove.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen !== undefined) prove.mutate(async () => ({ [chosen]: secret }));
  };
  const other = typed.find((name) => name !== chosen);
  const field = {
    value: secret,
    onChange: setSecret,
    autoFocus: true,
    isRequired: true,
    error: trouble.besides(),
  } as const;
  return (
    <form onSubmit={submit}>
      <Fields>
        {passkey !== null && canUsePasskeys() ? (
          <Button
            kind="main"
            icon="passkey"
            wide
            isPending={prove.isPending}
            onPress={() => prove.mutate(async () => ({ passkey: await provePasskey(passkey) }))}
          >
            {say('passkey')}
          </Button>
        ) : null}
        {chosen === undefined && prove.error !== null ? <Notice kind="wrong">{trouble.besides()}</Notice> : null}
        {chosen === 'password' ? (
          <PasswordField {...field} label={say('password')} name="password" autoComplete="current-password" />
        ) : null}
        {chosen === 'totp' ? (
          <Field {...field} label={say('totp')} mono inputMode="numeric" autoComplete="one-time-code" />
        ) : null}
        <Buttons>
          {other === undefined ? null : (
            <Button
              kind="plain"
              onPress={() => {
                setChosen(other);
                setSecret('');
                prove.reset();
              }}
            >
              {say(other === 'totp' ? 'byCode' : 'byPassword')}
            </Button>
          )}
          <Button onPress={() => answerProof(false)}>{sayCommon('cancel')}</Button>
          {chosen === undefined ? null : (
            <Button kind="main" type="submit" isPending={prove.isPending}>
              {say('goOn')}
            </Button>
          )}
        </Buttons>
      </Fields>
    </form>
  );
}
