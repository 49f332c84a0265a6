import { Link, useParams } from '@tanstack/react-router';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { SiteState } from '../../parts/SiteState.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Failed, Skeleton } from '../../parts/Waiting.tsx';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Limits } from './Limits.tsx';
import { Names } from './Names.tsx';
import { Proofs } from './Proofs.tsx';
import { siteTexts } from './texts.ts';
import { Upload } from './Upload.tsx';
import { Usage } from './Usage.tsx';
import './site.css';

type Site = Answer<'GET /v1/sites/:site'>;

/** One house: what it is, how it does, what it may use, what it is called. */
export function SitePage() {
  const { site: id } = useParams({ from: '/shell/sites/$site' });
  const site = useAnswer('GET /v1/sites/:site', { params: { site: id } });
  if (site.data === undefined) {
    return (
      <Page title={'\u2026'}>
        {site.error ? <Failed error={site.error} retry={site.refetch} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <House key={site.data.id} site={site.data} />;
}

function House({ site }: { readonly site: Site }) {
  return (
    <Page
      title={site.name}
      mark={<SiteState state={site.state} />}
      lead={<Address site={site} />}
      actions={
        <>
          <WallsLink site={site} />
          <Life site={site} />
        </>
      }
    >
      <Failure site={site} />
      <Proofs site={site} />
      <Usage site={site} />
      <div className="site-columns">
        <Names site={site} />
        <div className="site-column">
          <Limits site={site} />
          <Upload site={site} />
        </div>
      </div>
    </Page>
  );
}

/** To the proof of what surrounds it. */
function WallsLink({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  return (
    <Link to="/sites/$site/proof" params={{ site: site.id }} className="button button-quiet">
      <Icon name="shield" size={18} />
      <span>{say('walls')}</span>
    </Link>
  );
}

/** Where it answers, when it does. */
function Address({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const host = site.hosts.find(({ served }) => served);
  if (host === undefined) return say('plan', { name: site.plan });
  return (
    <a className="site-address" href={`https://${host.name}/`} target="_blank" rel="noreferrer">
      https://{host.name}
      <Icon name="outside" size={16} />
      <span className="unseen">{say('open')}</span>
    </a>
  );
}

const REFRESH = ['/v1/sites'];

function Life({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const sayProblem = useTexts(problems);
  const wake = useAct('POST /v1/sites/:site/wake', REFRESH);
  const sleep = useAct('POST /v1/sites/:site/sleep', REFRESH);
  const params = { site: site.id };
  const onError = (error: unknown) => tell({ text: problemText(sayProblem, error) });
  if (site.state === 'running') {
    const toSleep = () =>
      sleep.mutate({ params }, { onError, onSuccess: () => tell({ text: say('slept', { name: site.name }) }) });
    return (
      <Button icon="moon" onPress={toSleep} isPending={sleep.isPending}>
        {say('sleep')}
      </Button>
    );
  }
  if (site.state !== 'asleep' && site.state !== 'failed') return null;
  const toWake = () =>
    wake.mutate({ params }, { onError, onSuccess: () => tell({ text: say('woken', { name: site.name }) }) });
  // Where its name is still to be proven, that is what the page is for.
  const isProven = site.hosts.every(({ served }) => served);
  return (
    <Button kind={isProven ? 'main' : 'quiet'} onPress={toWake} isPending={wake.isPending}>
      {say('wake')}
    </Button>
  );
}

function Failure({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  if (site.state !== 'failed') return null;
  return (
    <Notice kind="wrong" title={say('failedTitle')}>
      {site.reason === null ? null : (
        <p>
          <code>{site.reason}</code>
        </p>
      )}
      <p>{say('failedHelp')}</p>
    </Notice>
  );
}
