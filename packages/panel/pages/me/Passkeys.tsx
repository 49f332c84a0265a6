import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api/ask.ts';
import { canUsePasskeys, makePasskey } from '../../api/passkey.ts';
import { withProof } from '../../api/proof.ts';
import { refreshBelow, useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button, IconButton } from '../../parts/Button.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Secrets } from '../../parts/Secret.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { common } from '../../text/common.ts';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { securityTexts } from './texts.ts';

type Factors = Answer<'GET /v1/factors'>;
type Passkey = Factors['passkeys'][number];

const REFRESH = ['/v1/factors'];

/** Keys that devices keep. */
export function Passkeys({ factors }: { readonly factors: Factors }) {
  const say = useTexts(securityTexts);
  const [isAdding, setAdding] = useState(false);
  return (
    <Section title={say('passkeys')} lead={say('passkeysLead')}>
      {factors.passkeys.length === 0 ? (
        <p className="soft">{say('noPasskeys')}</p>
      ) : (
        <ul>
          {factors.passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {canUsePasskeys() ? (
        <Buttons>
          <Button icon="passkey" onPress={() => setAdding(true)}>
            {say('passkeyAdd')}
          </Button>
        </Buttons>
      ) : (
        <p className="small soft">{say('passkeyImpossible')}</p>
      )}
      {isAdding ? <Add onClose={() => setAdding(false)} /> : null}
    </Section>
  );
}

function PasskeyRow({ passkey }: { readonly passkey: Passkey }) {
  const say = useTexts(securityTexts);
  const { date } = useFormats();
  const [isAsking, setAsking] = useState(false);
  const remove = useAct('DELETE /v1/factors/passkeys/:passkey', REFRESH);
  const { id, name, lastUsedAt } = passkey;
  const confirmed = () =>
    remove.mutate(
      { params: { passkey: id } },
      {
        onSuccess: () => {
          tell({ text: say('passkeyRemoved', { name }) });
          setAsking(false);
        },
      },
    );
  return (
    <li className="me-row">
      <span className="me-row-words">
        <strong>{name}</strong>
        <span className="small soft">
          {lastUsedAt === null ? say('passkeyUnused') : say('passkeyUsed', { when: date(lastUsedAt) })}
        </span>
      </span>
      <IconButton icon="trash" label={say('passkeyRemove', { name })} onPress={() => setAsking(true)} />
      {isAsking ? (
        <Confirm
          title={say('passkeyRemoveTitle', { name })}
          act={say('forget')}
          error={remove.error}
          isPending={remove.isPending}
          onConfirm={confirmed}
          onClose={() => setAsking(false)}
        >
          <p>{say('passkeyRemoveText')}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

function Add({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(securityTexts);
  const sayCommon = useTexts(common);
  const client = useQueryClient();
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: async () => {
      const options = await withProof(async () => await ask('POST /v1/factors/passkeys/options'));
      const passkey = await makePasskey(options);
      return await withProof(async () => await ask('POST /v1/factors/passkeys', { body: { name, passkey } }));
    },
    onSuccess: async ({ recoveryCodes }) => {
      tell({ text: say('passkeyAdded', { name }) });
      await refreshBelow(client, REFRESH);
      if (recoveryCodes.length === 0) onClose();
    },
  });
  const trouble = useTrouble(add.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const codes = add.data?.recoveryCodes ?? [];
  if (codes.length > 0) {
    return (
      <Ask title={say('recovery')} isOpen onClose={onClose}>
        <Fields>
          <p>{say('recoveryLead')}</p>
          <Secrets items={codes} what={say('recovery')} />
          <Buttons>
            <Button kind="main" onPress={onClose}>
              {sayCommon('done')}
            </Button>
          </Buttons>
        </Fields>
      </Ask>
    );
  }
  const rest = trouble.besides('name');
  return (
    <Ask title={say('passkeyAdd')} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
          <Field
            label={say('passkeyName')}
            hint={say('passkeyNameHint')}
            error={trouble.at('name')}
            value={name}
            onChange={setName}
            autoComplete="off"
            autoFocus
            isRequired
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="main" type="submit" isPending={add.isPending} isDisabled={name.trim() === ''}>
              {say('passkeyAdd')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
