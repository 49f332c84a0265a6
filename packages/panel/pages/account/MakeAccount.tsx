import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { HOLDINGS } from './refresh.ts';
import { accountTexts } from './texts.ts';

/** A new account; it ends on its page, where its first owner is invited. */
export function MakeAccount({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(accountTexts);
  const sayCommon = useTexts(common);
  const router = useRouter();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const make = useAct('POST /v1/accounts', HOLDINGS);
  const trouble = useTrouble(make.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(
      { body: { name: name.trim(), email: email.trim() } },
      {
        onSuccess: (account) => {
          tell({ text: say('wasMade', { name: account.name }) });
          void router.navigate({ to: '/accounts/$account', params: { account: account.id } });
        },
      },
    );
  };
  const other = trouble.besides('name', 'email');
  return (
    <Ask title={say('makeAccount')} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          {other === undefined ? null : <Notice kind="wrong">{other}</Notice>}
          <Field
            label={say('name')}
            hint={say('nameHint')}
            error={trouble.at('name')}
            value={name}
            onChange={setName}
            autoComplete="off"
            spellCheck="false"
            isRequired
            autoFocus
          />
          <Field
            label={say('email')}
            hint={say('emailHint')}
            error={trouble.at('email')}
            type="email"
            value={email}
            onChange={setEmail}
            autoComplete="off"
            isRequired
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="main" type="submit" isPending={make.isPending}>
              {say('make')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
