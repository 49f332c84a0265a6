import { Link, useParams, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Failed, Loaded, Skeleton } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Setup } from '../setup/Setup.tsx';
import { mayKeepMail } from './may.ts';
import { NewPassword } from './NewPassword.tsx';
import { mailboxSizes } from './sizes.ts';
import { mailTexts } from './texts.ts';
import './mail.css';

type Mailbox = Answer<'GET /v1/mailboxes/:mailbox'>;
type Domain = Answer<'GET /v1/domains/:domain'>;

const REFRESH = ['/v1/mailboxes'];

/** One mailbox, for whoever keeps the mail of its domain. */
export function MailboxPage() {
  const { mailbox: id } = useParams({ from: '/shell/mailboxes/$mailbox' });
  const mailbox = useAnswer('GET /v1/mailboxes/:mailbox', { params: { mailbox: id } });
  if (mailbox.data === undefined) {
    return (
      <Page title={'\u2026'}>
        {mailbox.error ? <Failed error={mailbox.error} retry={mailbox.refetch} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <Kept key={mailbox.data.id} mailbox={mailbox.data} />;
}

function Kept({ mailbox }: { readonly mailbox: Mailbox }) {
  const domain = useAnswer('GET /v1/domains/:domain', { params: { domain: mailbox.domain } });
  const me = useMe();
  const mayKeep = domain.data !== undefined && mayKeepMail(me, domain.data.account);
  return (
    <Page
      title={mailbox.address}
      lead={domain.data === undefined ? '\u00a0' : <BackTo domain={domain.data} />}
      actions={mayKeep ? <Password mailbox={mailbox} /> : undefined}
    >
      <Setup mailbox={mailbox.id} />
      <Loaded from={domain} lines={3}>
        {(data) => <Quota mailbox={mailbox} domain={data} mayKeep={mayKeep} />}
      </Loaded>
      {mayKeep ? <Removal mailbox={mailbox} /> : null}
    </Page>
  );
}

export function BackTo({ domain }: { readonly domain: Domain }) {
  const say = useTexts(mailTexts);
  return (
    <Link to="/mail/$domain" params={{ domain: domain.id }}>
      {say('backTo', { name: domain.displayName })}
    </Link>
  );
}

function Password({ mailbox }: { readonly mailbox: Mailbox }) {
  const say = useTexts(mailTexts);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon="key" onPress={() => setOpen(true)}>
        {say('setPassword')}
      </Button>
      {isOpen ? <NewPassword mailbox={mailbox} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

interface QuotaProps {
  readonly mailbox: Mailbox;
  readonly domain: Domain;
  readonly mayKeep: boolean;
}

function Quota({ mailbox, domain, mayKeep }: QuotaProps) {
  const say = useTexts(mailTexts);
  const sayCommon = useTexts(common);
  const { bytes } = useFormats();
  const [size, setSize] = useState(String(mailbox.quotaBytes));
  const change = useAct('PATCH /v1/mailboxes/:mailbox', REFRESH);
  const trouble = useTrouble(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const quotaBytes = Number(size);
    change.mutate(
      { params: { mailbox: mailbox.id }, body: { quotaBytes, version: mailbox.version } },
      { onSuccess: () => tell({ text: say('quotaSaved', { address: mailbox.address, size: bytes(quotaBytes) }) }) },
    );
  };
  const sizes = { size: bytes(mailbox.quotaBytes), limit: bytes(domain.mailLimitBytes) };
  return (
    <Section title={say('quotaTitle')} lead={say('quotaLead')}>
      <p>{say('quotaOf', sizes)}</p>
      {mayKeep ? (
        <form className="mail-inline" onSubmit={submit}>
          <Select
            label={say('room')}
            error={trouble.at('quotaBytes') ?? trouble.besides('quotaBytes')}
            value={size}
            onChange={setSize}
            options={mailboxSizes(domain.mailLimitBytes, mailbox.quotaBytes).map((each) => ({
              value: String(each),
              text: bytes(each),
            }))}
          />
          <Button type="submit" isPending={change.isPending} isDisabled={size === String(mailbox.quotaBytes)}>
            {sayCommon('save')}
          </Button>
        </form>
      ) : null}
    </Section>
  );
}

function Removal({ mailbox }: { readonly mailbox: Mailbox }) {
  const say = useTexts(mailTexts);
  const router = useRouter();
  const [isAsking, setAsking] = useState(false);
  const remove = useAct('DELETE /v1/mailboxes/:mailbox', REFRESH);
  const { address } = mailbox;
  const confirmed = () =>
    remove.mutate(
      { params: { mailbox: mailbox.id } },
      {
        onSuccess: () => {
          tell({ text: say('removed', { address }) });
          void router.navigate({ to: '/mail/$domain', params: { domain: mailbox.domain } });
        },
      },
    );
  return (
    <div>
      <Button kind="danger" icon="trash" onPress={() => setAsking(true)}>
        {say('removeMailbox')}
      </Button>
      {isAsking ? (
        <Confirm
          title={say('removeMailboxTitle', { address })}
          act={say('remove')}
          word={address}
          error={remove.error}
          isPending={remove.isPending}
          onConfirm={confirmed}
          onClose={() => setAsking(false)}
        >
          <p>{say('removeMailboxText')}</p>
        </Confirm>
      ) : null}
    </div>
  );
}
