import { type FormEvent, useState } from 'react';
import type { Scope } from '#model/right/role.ts';
import { useAct } from '../../api/query.ts';
import { useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Picks } from '../../parts/Picks.tsx';
import { Secret } from '../../parts/Secret.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { useScopes } from './scopes.ts';
import { tokenTexts } from './texts.ts';

const DAYS = ['1', '7', '30', '90', '365'] as const;

/** Makes a token and shows it once. */
export function NewToken({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(tokenTexts);
  const sayCommon = useTexts(common);
  const { memberships, person } = useMe();
  const words = useScopes();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const [account, setAccount] = useState('');
  const [days, setDays] = useState<(typeof DAYS)[number]>('90');
  const create = useAct('POST /v1/tokens', ['/v1/tokens']);
  const trouble = useTrouble(create.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const where = account === '' ? {} : { account };
    create.mutate({ body: { name: name.trim(), scopes, days: Number(days), ...where } });
  };
  const made = create.data;
  if (made?.token !== undefined) {
    return (
      <Ask title={say('madeTitle', { name: made.name })} isOpen onClose={onClose}>
        <Fields>
          <Secret text={made.token} what={say('token')} />
          <Buttons>
            <Button kind="main" onPress={onClose}>
              {sayCommon('done')}
            </Button>
          </Buttons>
        </Fields>
      </Ask>
    );
  }
  const offered = (Object.keys(words) as Scope[]).filter((scope) => scope !== 'operator' || person?.operatorRole);
  const rest = trouble.besides('name', 'scopes', 'account');
  return (
    <Ask title={say('make')} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
          <Field
            label={say('name')}
            hint={say('nameHint')}
            error={trouble.at('name')}
            value={name}
            onChange={setName}
            autoComplete="off"
            autoFocus
            isRequired
          />
          <Picks
            label={say('scopes')}
            options={offered.map((scope) => ({ value: scope, text: words[scope] }))}
            chosen={scopes}
            onChange={setScopes}
            error={trouble.at('scopes')}
          />
          <Select
            label={say('account')}
            error={trouble.at('account')}
            value={account}
            onChange={setAccount}
            options={[
              { value: '', text: say('allAccounts') },
              ...memberships.map((membership) => ({
                value: membership.account as string,
                text: membership.accountName,
              })),
            ]}
          />
          <Select
            label={say('days')}
            value={days}
            onChange={setDays}
            options={DAYS.map((value) => ({ value, text: say('daysText', { count: Number(value) }) }))}
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button
              kind="main"
              type="submit"
              isPending={create.isPending}
              isDisabled={name.trim() === '' || scopes.length === 0}
            >
              {say('create')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
