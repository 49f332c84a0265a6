import { useState } from 'react';
import { useAct, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Button } from '../../parts/Button.tsx';
import { Section } from '../../parts/Section.tsx';
import { SiteLink } from '../../parts/SiteLink.tsx';
import { SiteState } from '../../parts/SiteState.tsx';
import { Table } from '../../parts/Table.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { accountTexts } from './texts.ts';

type Site = Answer<'GET /v1/sites/:site'>;

const REFRESH = ['/v1/sites'];

/** The sites of an account, each with its brake. */
export function AccountSites({ account }: { readonly account: string }) {
  const say = useTexts(accountTexts);
  const list = useList('GET /v1/sites', { account, limit: 50 });
  return (
    <Section title={say('sites')} actions={<SuspendAll sites={list.items ?? []} />}>
      <Table
        label={say('sites')}
        list={list}
        keyOf={({ id }) => id}
        empty={<p className="soft">{say('noSites')}</p>}
        columns={[
          { id: 'site', head: say('site'), kind: 'wide', cell: (site) => <SiteLink site={site} /> },
          { id: 'state', head: say('state'), cell: ({ state }) => <SiteState state={state} /> },
          { id: 'plan', head: say('plan'), cell: ({ plan }) => plan },
          { id: 'brake', head: say('acts'), cell: (site) => <Brake site={site} /> },
        ]}
      />
    </Section>
  );
}

function Brake({ site }: { readonly site: Site }) {
  const say = useTexts(accountTexts);
  const sayProblem = useTexts(problems);
  const suspend = useAct('POST /v1/sites/:site/suspend', REFRESH);
  const resume = useAct('POST /v1/sites/:site/resume', REFRESH);
  const { name, suspended } = site;
  const params = { site: site.id };
  const onError = (error: unknown) => tell({ text: problemText(sayProblem, error) });
  if (suspended) {
    const letRun = () =>
      resume.mutate({ params }, { onError, onSuccess: () => tell({ text: say('resumed', { name }) }) });
    return (
      <Button aria-label={say('resumeOf', { name })} onPress={letRun} isPending={resume.isPending}>
        {say('resume')}
      </Button>
    );
  }
  const stop = () =>
    suspend.mutate(
      { params },
      {
        onError,
        onSuccess: () => tell({ text: say('suspended', { name }), undo: () => resume.mutate({ params }, { onError }) }),
      },
    );
  return (
    <Button aria-label={say('suspendOf', { name })} onPress={stop} isPending={suspend.isPending}>
      {say('suspend')}
    </Button>
  );
}

/** All that are shown and run; what was suspended before stays so when this is undone. */
function SuspendAll({ sites }: { readonly sites: readonly Site[] }) {
  const say = useTexts(accountTexts);
  const sayProblem = useTexts(problems);
  const suspend = useAct('POST /v1/sites/:site/suspend', REFRESH);
  const resume = useAct('POST /v1/sites/:site/resume', REFRESH);
  const [isPending, setPending] = useState(false);
  const running = sites.filter(({ suspended }) => !suspended);
  if (running.length < 2) return null;
  const each = async (act: typeof suspend | typeof resume) => {
    for (const { id } of running) await act.mutateAsync({ params: { site: id } });
  };
  const onError = (error: unknown) => tell({ text: problemText(sayProblem, error) });
  const stop = () => {
    setPending(true);
    each(suspend)
      .then(() =>
        tell({
          text: say('suspendedAll', { count: running.length }),
          undo: () => void each(resume).catch(onError),
        }),
      )
      .catch(onError)
      .finally(() => setPending(false));
  };
  return (
    <Button onPress={stop} isPending={isPending}>
      {say('suspendAll')}
    </Button>
  );
}
