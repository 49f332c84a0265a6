import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Field, PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Secret } from '../../parts/Secret.tsx';
import { common } from '../../text/common.ts';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { fullAddress } from './address.ts';
import { firstSize, mailboxSizes } from './sizes.ts';
import { mailTexts } from './texts.ts';

type Domain = Answer<'GET /v1/domains/:domain'>;
type Mailbox = Answer<'POST /v1/mailboxes'>;

interface NewMailboxProps {
  readonly domain: Domain;
  onClose(): void;
}

/** Makes a mailbox; what is generated is shown once. */
export function NewMailbox({ domain, onClose }: NewMailboxProps) {
  const say = useTexts(mailTexts);
  const [made, setMade] = useState<Mailbox>();
  return (
    <Ask
      title={made === undefined ? say('newMailbox') : say('madeTitle', { address: made.address })}
      isOpen
      onClose={onClose}
    >
      {made === undefined ? (
        <Form domain={domain} onMade={setMade} onClose={onClose} />
      ) : (
        <Made mailbox={made} onClose={onClose} />
      )}
    </Ask>
  );
}

function Form({ domain, onMade, onClose }: NewMailboxProps & { readonly onMade: (mailbox: Mailbox) => void }) {
  const say = useTexts(mailTexts);
  const sayCommon = useTexts(common);
  const { bytes } = useFormats();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const first = firstSize(domain.mailLimitBytes);
  const [size, setSize] = useState(String(first));
  const create = useAct('POST /v1/mailboxes', ['/v1/mailboxes']);
  const trouble = useTrouble(create.error);
  const address = fullAddress(name, domain.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = password === '' ? {} : { password };
    create.mutate(
      { body: { address, quotaBytes: Number(size), ...given }, query: { wait: true } },
      { onSuccess: onMade },
    );
  };
  const rest = trouble.besides('address', 'password', 'quotaBytes');
  return (
    <form onSubmit={submit}>
      <Fields>
        {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
        <Field
          label={say('localPart')}
          hint={say('localPartHint', { address: fullAddress(name || 'info', domain.displayName) })}
          error={trouble.at('address')}
          name="address"
          value={name}
          onChange={setName}
          autoFocus
          autoComplete="off"
          spellCheck="false"
          isRequired
        />
        <PasswordField
          label={say('password')}
          hint={say('passwordHint')}
          error={trouble.at('password')}
          name="new-password"
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          generates
        />
        <Select
          label={say('room')}
          error={trouble.at('quotaBytes')}
          value={size}
          onChange={setSize}
          options={mailboxSizes(domain.mailLimitBytes, first).map((each) => ({
            value: String(each),
            text: bytes(each),
          }))}
        />
        <Buttons>
          <Button onPress={onClose}>{sayCommon('cancel')}</Button>
          <Button kind="main" type="submit" isPending={create.isPending} isDisabled={name.trim() === ''}>
            {say('create')}
          </Button>
        </Buttons>
      </Fields>
    </form>
  );
}

function Made({ mailbox, onClose }: { readonly mailbox: Mailbox; onClose(): void }) {
  const say = useTexts(mailTexts);
  const sayCommon = useTexts(common);
  return (
    <Fields>
      <p>{say('madeText')}</p>
      {mailbox.settled?.applied === false ? <Notice kind="watch">{say('settledNot')}</Notice> : null}
      {mailbox.password === undefined ? null : <Secret text={mailbox.password} what={say('password')} />}
      <Buttons>
        <Link className="button button-quiet" to="/mailboxes/$mailbox" params={{ mailbox: mailbox.id }}>
          {say('toSetup')}
        </Link>
        <Button kind="main" onPress={onClose}>
          {sayCommon('done')}
        </Button>
      </Buttons>
    </Fields>
  );
}
