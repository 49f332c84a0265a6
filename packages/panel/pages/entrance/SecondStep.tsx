import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api/ask.ts';
import { canUsePasskeys, provePasskey } from '../../api/passkey.ts';
import type { Answer, Input } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { entranceTexts } from './texts.ts';

type Entered = Answer<'POST /v1/session'>;
type Proof = Omit<Input<'POST /v1/session/second'>['body'], 'half'>;

export interface SecondStepProps {
  /** What the first step came to. */
  readonly entrance: Entered;
  readonly onEntered: (entered: Entered) => void;
  readonly onBack: () => void;
}

/** A code of the app, a passkey, or a recovery code: any one of what there is. */
export function SecondStep({ entrance, onEntered, onBack }: SecondStepProps) {
  const say = useTexts(entranceTexts);
  const sayCommon = useTexts(common);
  const { needs, half, passkey } = entrance;
  const [means, setMeans] = useState<'totp' | 'recovery'>(needs.includes('totp') ? 'totp' : 'recovery');
  const [code, setCode] = useState('');
  const prove = useMutation({
    mutationFn: async (proof: () => Promise<Proof>) =>
      await ask('POST /v1/session/second', { body: { half: half ?? '', ...(await proof()) } }),
    onSuccess: onEntered,
  });
  const trouble = useTrouble(prove.error).besides();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prove.mutate(async () => ({ [means]: code }));
  };
  const byPasskey = () => prove.mutate(async () => ({ passkey: await provePasskey(passkey ?? {}) }));
  const turn = () => {
    setMeans(means === 'totp' ? 'recovery' : 'totp');
    setCode('');
    prove.reset();
  };
  const hasCode = needs.includes('totp') || needs.includes('recovery');

  return (
    <Page title={say('secondTitle')} lead={say('secondLead')} takesFocus={!hasCode}>
      <form className="entrance-form" onSubmit={submit}>
        {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
        {needs.includes('passkey') && canUsePasskeys() ? (
          <>
            <Button kind="main" icon="passkey" wide onPress={byPasskey} isPending={prove.isPending}>
              {say('withPasskey')}
            </Button>
            {hasCode ? <p className="entrance-or">{say('or')}</p> : null}
          </>
        ) : null}
        {hasCode ? (
          <>
            <Field
              key={means}
              label={say(means === 'totp' ? 'code' : 'recovery')}
              hint={say(means === 'totp' ? 'codeHint' : 'recoveryHint')}
              name={means}
              mono
              autoFocus
              autoComplete={means === 'totp' ? 'one-time-code' : 'off'}
              inputMode={means === 'totp' ? 'numeric' : 'text'}
              value={code}
              onChange={setCode}
            />
            <Button
              kind={needs.includes('passkey') ? 'quiet' : 'main'}
              type="submit"
              wide
              isPending={prove.isPending}
              isDisabled={code.trim() === ''}
            >
              {say('check')}
            </Button>
          </>
        ) : null}
        <div className="entrance-foot">
          {needs.includes('totp') && needs.includes('recovery') ? (
            <Button kind="plain" onPress={turn}>
              {say(means === 'totp' ? 'toRecovery' : 'toCode')}
            </Button>
          ) : null}
          <Button kind="plain" onPress={onBack}>
            {sayCommon('back')}
          </Button>
        </div>
      </form>
    </Page>
  );
}
