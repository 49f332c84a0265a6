import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { common } from '../../text/common.ts';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { securityTexts } from './texts.ts';

type Factors = Answer<'GET /v1/factors'>;

const REFRESH = ['/v1/factors', '/v1/sessions', '/v1/session'];

interface FactorsProps {
  readonly factors: Factors;
}

/** The password: another one, or none where passkeys suffice. */
export function Password({ factors }: FactorsProps) {
  const say = useTexts(securityTexts);
  const { date } = useFormats();
  const [isChanging, setChanging] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const { set, changedAt } = factors.password;
  const since = changedAt === null ? say('passwordThere') : say('passwordSince', { when: date(changedAt) });
  return (
    <Section title={say('password')} lead={set ? since : say('noPassword')}>
      <Buttons>
        {set && factors.passkeys.length > 0 ? (
          <Button kind="danger" onPress={() => setRemoving(true)}>
            {say('removePassword')}
          </Button>
        ) : null}
        <Button onPress={() => setChanging(true)}>{say(set ? 'changePassword' : 'setPassword')}</Button>
      </Buttons>
      {isChanging ? <Change factors={factors} onClose={() => setChanging(false)} /> : null}
      {isRemoving ? <Remove onClose={() => setRemoving(false)} /> : null}
    </Section>
  );
}

function Change({ factors, onClose }: FactorsProps & { readonly onClose: () => void }) {
  const say = useTexts(securityTexts);
  const sayCommon = useTexts(common);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useAct('PUT /v1/factors/password', REFRESH);
  const trouble = useTrouble(change.error);
  const { set } = factors.password;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { body: { password, ...(set && { current }) } },
      {
        onSuccess: () => {
          tell({ text: say('passwordChanged') });
          onClose();
        },
      },
    );
  };
  const rest = trouble.besides('current', 'password');
  return (
    <Ask title={say(set ? 'changePassword' : 'setPassword')} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
          {set ? (
            <PasswordField
              label={say('currentPassword')}
              error={trouble.at('current')}
              name="current-password"
              autoComplete="current-password"
              value={current}
              onChange={setCurrent}
              autoFocus
              isRequired
            />
          ) : null}
          <PasswordField
            label={say('newPassword')}
            hint={say('passwordHint')}
            error={trouble.at('password')}
            name="new-password"
            autoComplete="new-password"
            value={password}
            onChange={setPassword}
            generates
            isRequired
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="main" type="submit" isPending={change.isPending} isDisabled={password === ''}>
              {sayCommon('save')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}

function Remove({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(securityTexts);
  const remove = useAct('DELETE /v1/factors/password', REFRESH);
  const confirmed = () =>
    remove.mutate(
      {},
      {
        onSuccess: () => {
          tell({ text: say('passwordRemoved') });
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={say('removePassword')}
      act={say('removePassword')}
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={confirmed}
      onClose={onClose}
    >
      <p>{say('removePasswordText')}</p>
    </Confirm>
  );
}
