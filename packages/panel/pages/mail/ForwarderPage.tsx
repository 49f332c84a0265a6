import { useParams, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { Area } from '../../parts/Area.tsx';
import { Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Failed, Loaded, Skeleton } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { addressesIn } from './address.ts';
import { forwarderTexts } from './forwarder-texts.ts';
import { BackTo } from './MailboxPage.tsx';
import { mayKeepMail } from './may.ts';
import { PipeFields } from './PipeFields.tsx';
import { PipeRuns } from './PipeRuns.tsx';
import { Words } from './Split.tsx';
import './mail.css';

type Forwarder = Answer<'GET /v1/forwarders/:forwarder'>;
type Domain = Answer<'GET /v1/domains/:domain'>;

const REFRESH = ['/v1/forwarders'];

/** Where mail for one address goes, and what became of it there. */
export function ForwarderPage() {
  const { forwarder: id } = useParams({ from: '/shell/forwarders/$forwarder' });
  const forwarder = useAnswer('GET /v1/forwarders/:forwarder', { params: { forwarder: id } });
  if (forwarder.data === undefined) {
    return (
      <Page title={'\u2026'}>
        {forwarder.error ? <Failed error={forwarder.error} retry={forwarder.refetch} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <Onward key={`${forwarder.data.id} ${forwarder.data.kind}`} forwarder={forwarder.data} />;
}

function Onward({ forwarder }: { readonly forwarder: Forwarder }) {
  const domain = useAnswer('GET /v1/domains/:domain', { params: { domain: forwarder.domain } });
  const mayKeep = mayKeepMail(useMe(), domain.data?.account ?? '');
  return (
    <Page
      title={forwarder.address}
      lead={domain.data === undefined ? '\u00a0' : <BackTo domain={domain.data} />}
      actions={mayKeep ? <Removal forwarder={forwarder} /> : undefined}
    >
      <Loaded from={domain} lines={6}>
        {(data) =>
          forwarder.kind === 'addresses' ? (
            <Targets forwarder={forwarder} mayKeep={mayKeep} />
          ) : (
            <Pipe forwarder={forwarder} domain={data} mayKeep={mayKeep} />
          )
        }
      </Loaded>
      {forwarder.kind === 'pipe' && mayKeep ? <PipeRuns forwarder={forwarder} /> : null}
    </Page>
  );
}

interface TargetsProps {
  readonly forwarder: Forwarder;
  readonly mayKeep: boolean;
}

function Targets({ forwarder, mayKeep }: TargetsProps) {
  const say = useTexts(forwarderTexts);
  const sayCommon = useTexts(common);
  const before = (forwarder.to ?? []).join('\n');
  const [to, setTo] = useState(before);
  const change = useAct('PATCH /v1/forwarders/:forwarder', REFRESH);
  const trouble = useTrouble(change.error).besides();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      {
        params: { forwarder: forwarder.id },
        body: { to: addressesIn(to), version: forwarder.version },
        query: { wait: true },
      },
      { onSuccess: () => tell({ text: say('savedTo', { address: forwarder.address }) }) },
    );
  };
  return (
    <Section title={say('goesTo')} lead={say('leadAddresses')}>
      {mayKeep ? (
        <form onSubmit={submit}>
          <Fields>
            <Area
              label={say('to')}
              hint={say('toHint')}
              error={trouble}
              value={to}
              onChange={setTo}
              spellCheck="false"
            />
            <div>
              <Button
                type="submit"
                isPending={change.isPending}
                isDisabled={to.trim() === before || addressesIn(to).length === 0}
              >
                {sayCommon('save')}
              </Button>
            </div>
          </Fields>
        </form>
      ) : (
        <ul>
          {(forwarder.to ?? []).map((address) => (
            <li key={address}>{address}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}

interface PipeProps extends TargetsProps {
  readonly domain: Domain;
}

function Pipe({ forwarder, domain, mayKeep }: PipeProps) {
  const say = useTexts(forwarderTexts);
  const site = useAnswer('GET /v1/sites/:site', { params: { site: forwarder.site ?? '' } });
  return (
    <Section title={say('pipe')} lead={say('leadPipe', { site: site.data?.name ?? '\u2026' })}>
      {mayKeep ? <PipeForm forwarder={forwarder} domain={domain} /> : <Words argv={forwarder.argv ?? []} />}
    </Section>
  );
}

function PipeForm({ forwarder, domain }: { readonly forwarder: Forwarder; readonly domain: Domain }) {
  const say = useTexts(forwarderTexts);
  const [pipe, setPipe] = useState(forwarder.pipe ?? '');
  const [site, setSite] = useState(forwarder.site ?? '');
  const change = useAct('PATCH /v1/forwarders/:forwarder', REFRESH);
  const trouble = useTrouble(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      {
        params: { forwarder: forwarder.id },
        body: { pipe, version: forwarder.version, ...(site === '' ? {} : { site }) },
        query: { wait: true },
      },
      { onSuccess: () => tell({ text: say('saved', { address: forwarder.address }) }) },
    );
  };
  const rest = trouble.besides('pipe', 'site');
  const isSame = pipe === forwarder.pipe && site === forwarder.site;
  return (
    <form onSubmit={submit}>
      <Fields>
        {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
        <PipeFields
          account={domain.account}
          pipe={pipe}
          onPipe={setPipe}
          site={site}
          onSite={setSite}
          isPlaced
          trouble={trouble}
        />
        <div>
          <Button type="submit" isPending={change.isPending} isDisabled={isSame || pipe.trim() === ''}>
            {say('save')}
          </Button>
        </div>
      </Fields>
    </form>
  );
}

/** Deletes at once, and offers to make the same again: nothing of it is lost. */
function Removal({ forwarder }: { readonly forwarder: Forwarder }) {
  const say = useTexts(forwarderTexts);
  const sayProblem = useTexts(problems);
  const router = useRouter();
  const remove = useAct('DELETE /v1/forwarders/:forwarder', REFRESH);
  const create = useAct('POST /v1/forwarders', REFRESH);
  const onError = (error: unknown) => tell({ text: problemText(sayProblem, error) });
  const { address, to, pipe, site } = forwarder;
  const again = () => {
    const where = to === undefined ? { ...(pipe !== undefined && { pipe }), ...(site && { site }) } : { to };
    create.mutate({ body: { address, ...where } }, { onError });
  };
  const takeAway = () =>
    remove.mutate(
      { params: { forwarder: forwarder.id } },
      {
        onError,
        onSuccess: () => {
          tell({ text: say('removed', { address }), undo: again });
          void router.navigate({ to: '/mail/$domain', params: { domain: forwarder.domain } });
        },
      },
    );
  return (
    <Button kind="danger" icon="trash" onPress={takeAway} isPending={remove.isPending}>
      {say('remove')}
    </Button>
  );
}
