import { Navigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct, useAnswer } from '../../api/query.ts';
import { useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { PasswordField } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Setup } from '../setup/Setup.tsx';
import { mailboxUserTexts } from './texts.ts';
import './own-mailbox.css';

/** All that the user of a mailbox finds here. */
export function OwnMailboxPage() {
  const say = useTexts(mailboxUserTexts);
  const { mailbox } = useMe();
  if (mailbox === null) return <Navigate to="/" replace />;
  return (
    <Page title={mailbox.address} lead={say('lead')}>
      <Setup mailbox={mailbox.id} />
      <div className="own-mailbox">
        <Room mailbox={mailbox.id} />
        <Password mailbox={mailbox.id} />
      </div>
    </Page>
  );
}

function Room({ mailbox }: { readonly mailbox: string }) {
  const say = useTexts(mailboxUserTexts);
  const { bytes } = useFormats();
  const answer = useAnswer('GET /v1/mailboxes/:mailbox', { params: { mailbox } });
  return (
    <Section title={say('room')}>
      <Loaded from={answer} lines={2}>
        {({ quotaBytes }) => <p>{say('roomText', { size: bytes(quotaBytes) })}</p>}
      </Loaded>
    </Section>
  );
}

function Password({ mailbox }: { readonly mailbox: string }) {
  const say = useTexts(mailboxUserTexts);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useAct('PUT /v1/mailboxes/:mailbox/password', ['/v1/mailboxes']);
  const trouble = useTrouble(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { params: { mailbox }, body: { current, password }, query: { wait: true } },
      {
        onSuccess: () => {
          tell({ text: say('changed') });
          setCurrent('');
          setPassword('');
        },
      },
    );
  };
  const rest = trouble.besides('current', 'password');
  return (
    <Section title={say('password')} lead={say('passwordLead')}>
      <form onSubmit={submit}>
        <Fields>
          {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
          <PasswordField
            label={say('current')}
            error={trouble.at('current')}
            name="current-password"
            autoComplete="current-password"
            value={current}
            onChange={setCurrent}
            isRequired
          />
          <PasswordField
            label={say('fresh')}
            error={trouble.at('password')}
            name="new-password"
            autoComplete="new-password"
            value={password}
            onChange={setPassword}
            generates
            isRequired
          />
          <div>
            <Button
              kind="main"
              type="submit"
              isPending={change.isPending}
              isDisabled={current === '' || password === ''}
            >
              {say('change')}
            </Button>
          </div>
        </Fields>
      </form>
    </Section>
  );
}
