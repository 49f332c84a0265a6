import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Copyable } from '../../parts/Copy.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Qr } from '../../parts/Qr.tsx';
import { Secrets } from '../../parts/Secret.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { common } from '../../text/common.ts';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { securityTexts } from './texts.ts';

type Factors = Answer<'GET /v1/factors'>;
type Begun = Answer<'POST /v1/factors/totp'>;

const REFRESH = ['/v1/factors'];

/** A code of an app as a second step. */
export function AuthenticatorApp({ factors }: { readonly factors: Factors }) {
  const say = useTexts(securityTexts);
  const { date } = useFormats();
  const [begun, setBegun] = useState<Begun>();
  const begin = useAct('POST /v1/factors/totp', []);
  const remove = useAct('DELETE /v1/factors/totp', REFRESH);
  const trouble = useTrouble(begin.error ?? remove.error).besides();
  const { confirmedAt } = factors.totp;
  return (
    <Section
      title={say('totp')}
      lead={confirmedAt === null ? say('totpLead') : say('totpSince', { when: date(confirmedAt) })}
    >
      {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
      <Buttons>
        {confirmedAt === null ? (
          <Button onPress={() => begin.mutate({}, { onSuccess: setBegun })} isPending={begin.isPending}>
            {say('totpBegin')}
          </Button>
        ) : (
          <Button
            kind="danger"
            onPress={() => remove.mutate({}, { onSuccess: () => tell({ text: say('totpRemoved') }) })}
            isPending={remove.isPending}
          >
            {say('totpRemove')}
          </Button>
        )}
      </Buttons>
      {begun === undefined ? null : <Confirmation begun={begun} onClose={() => setBegun(undefined)} />}
    </Section>
  );
}

function Confirmation({ begun, onClose }: { readonly begun: Begun; readonly onClose: () => void }) {
  const say = useTexts(securityTexts);
  const sayCommon = useTexts(common);
  const [code, setCode] = useState('');
  const confirm = useAct('POST /v1/factors/totp/confirm', REFRESH);
  const trouble = useTrouble(confirm.error).besides();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate({ body: { code } });
  };
  if (confirm.data !== undefined) {
    const codes = confirm.data.recoveryCodes;
    return (
      <Ask title={say('totpDone')} isOpen onClose={onClose}>
        <Fields>
          {codes.length === 0 ? null : (
            <>
              <p>{say('recoveryLead')}</p>
              <Secrets items={codes} what={say('recovery')} />
            </>
          )}
          <Buttons>
            <Button kind="main" onPress={onClose}>
              {sayCommon('done')}
            </Button>
          </Buttons>
        </Fields>
      </Ask>
    );
  }
  return (
    <Ask title={say('totpBegin')} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          <p className="soft">{say('totpScan')}</p>
          <Qr text={begun.uri} label={say('qr')} />
          <div>
            <span className="small soft">{say('totpByHand')}</span>
            <Copyable text={begun.secret} what={say('totpByHand')} />
          </div>
          <Field
            label={say('code')}
            error={trouble}
            value={code}
            onChange={setCode}
            inputMode="numeric"
            autoComplete="one-time-code"
            mono
            isRequired
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="main" type="submit" isPending={confirm.isPending} isDisabled={code.trim() === ''}>
              {say('confirm')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
