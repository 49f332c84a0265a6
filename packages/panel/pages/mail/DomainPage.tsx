import { useParams } from '@tanstack/react-router';
import { useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Failed, Skeleton } from '../../parts/Waiting.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { Forwarders } from './Forwarders.tsx';
import { Mailboxes } from './Mailboxes.tsx';
import { deliveryOf } from './MailPage.tsx';
import { mayKeepMail } from './may.ts';
import { mailTexts } from './texts.ts';
import { Unproven } from './Unproven.tsx';
import './mail.css';

type Domain = Answer<'GET /v1/domains/:domain'>;

/** The mail of one domain: what is kept here, and what goes on. */
export function DomainPage() {
  const { domain: id } = useParams({ from: '/shell/mail/$domain' });
  const domain = useAnswer('GET /v1/domains/:domain', { params: { domain: id } });
  if (domain.data === undefined) {
    return (
      <Page title={'\u2026'}>
        {domain.error ? <Failed error={domain.error} retry={domain.refetch} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <DomainMail key={domain.data.id} domain={domain.data} />;
}

function DomainMail({ domain }: { readonly domain: Domain }) {
  const say = useTexts(mailTexts);
  const mayKeep = mayKeepMail(useMe(), domain.account);
  const delivery = deliveryOf(domain);
  return (
    <Page title={domain.displayName} lead={mayKeep ? say('mail') : say('onlyOwners')}>
      {delivery === 'toProve' ? <Unproven domain={domain} mayKeep={mayKeep} /> : null}
      {delivery === 'elsewhere' ? (
        <Notice kind="watch">{say('mailOffText', { name: domain.displayName })}</Notice>
      ) : null}
      <Mailboxes domain={domain} mayKeep={mayKeep} />
      <Forwarders domain={domain} mayKeep={mayKeep} />
    </Page>
  );
}
