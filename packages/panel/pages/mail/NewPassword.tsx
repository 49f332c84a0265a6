import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Secret } from '../../parts/Secret.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { mailTexts } from './texts.ts';

type Mailbox = Answer<'GET /v1/mailboxes/:mailbox'>;

interface NewPasswordProps {
  readonly mailbox: Mailbox;
  onClose(): void;
}

/** Another password for a mailbox, by whoever keeps it; one that is made up is shown once. */
export function NewPassword({ mailbox, onClose }: NewPasswordProps) {
  const say = useTexts(mailTexts);
  const sayCommon = useTexts(common);
  const [password, setPassword] = useState('');
  const set = useAct('PUT /v1/mailboxes/:mailbox/password', ['/v1/mailboxes']);
  const trouble = useTrouble(set.error);
  const generated = set.data?.password;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(
      { params: { mailbox: mailbox.id }, body: password === '' ? {} : { password }, query: { wait: true } },
      {
        onSuccess: (answer) => {
          if (answer.password !== undefined) return;
          tell({ text: say('passwordSet', { address: mailbox.address }) });
          onClose();
        },
      },
    );
  };
  const rest = trouble.besides('password');
  return (
    <Ask title={say('setPassword')} isOpen onClose={onClose}>
      {generated === undefined ? (
        <form onSubmit={submit}>
          <Fields>
            <p className="soft">{say('passwordLead')}</p>
            {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
            <PasswordField
              label={say('newPassword')}
              hint={say('passwordHint')}
              error={trouble.at('password')}
              name="new-password"
              autoComplete="new-password"
              value={password}
              onChange={setPassword}
              autoFocus
              generates
            />
            <Buttons>
              <Button onPress={onClose}>{sayCommon('cancel')}</Button>
              <Button kind="main" type="submit" isPending={set.isPending}>
                {say('setIt')}
              </Button>
            </Buttons>
          </Fields>
        </form>
      ) : (
        <Fields>
          <Secret text={generated} what={say('newPassword')} />
          <Buttons>
            <Button kind="main" onPress={onClose}>
              {sayCommon('done')}
            </Button>
          </Buttons>
        </Fields>
      )}
    </Ask>
  );
}
