import { useState } from 'react';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { Secrets } from '../../parts/Secret.tsx';
import { Section } from '../../parts/Section.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { securityTexts } from './texts.ts';

/** For the day the second step is lost. */
export function RecoveryCodes({ factors }: { readonly factors: Answer<'GET /v1/factors'> }) {
  const say = useTexts(securityTexts);
  const [isOpen, setOpen] = useState(false);
  const left = factors.recoveryCodesLeft;
  const hasSecondStep = factors.totp.confirmedAt !== null || factors.passkeys.length > 0;
  return (
    <Section title={say('recovery')} lead={say('recoveryLead')}>
      <p>{hasSecondStep ? say('recoveryLeft', { count: left }) : say('recoveryNone')}</p>
      {hasSecondStep ? (
        <Buttons>
          <Button onPress={() => setOpen(true)}>{say('recoveryMake')}</Button>
        </Buttons>
      ) : null}
      {isOpen ? <Fresh onClose={() => setOpen(false)} /> : null}
    </Section>
  );
}

function Fresh({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(securityTexts);
  const sayCommon = useTexts(common);
  const make = useAct('POST /v1/factors/recovery-codes', ['/v1/factors']);
  if (make.data === undefined) {
    return (
      <Confirm
        title={say('recoveryMake')}
        act={say('recoveryMake')}
        error={make.error}
        isPending={make.isPending}
        onConfirm={() => make.mutate({})}
        onClose={onClose}
      >
        <p>{say('recoveryMakeText')}</p>
      </Confirm>
    );
  }
  return (
    <Ask title={say('recovery')} isOpen onClose={onClose}>
      <Fields>
        <Secrets items={make.data.recoveryCodes} what={say('recovery')} />
        <Buttons>
          <Button kind="main" onPress={onClose}>
            {sayCommon('done')}
          </Button>
        </Buttons>
      </Fields>
    </Ask>
  );
}
