import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { question, useAnswer, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Page } from '../../frame/Page.tsx';
import { Badge } from '../../parts/Badge.tsx';
import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { SiteLink } from '../../parts/SiteLink.tsx';
import { SiteState } from '../../parts/SiteState.tsx';
import { Table } from '../../parts/Table.tsx';
import { Failed, Loaded, Skeleton } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Health } from './Health.tsx';
import { LOOK_MS } from './load.ts';
import { Room } from './Room.tsx';
import { fleetTexts } from './texts.ts';
import './fleet.css';

type Node = Answer<'GET /v1/nodes/:node'>;

/** One machine: how it does, what is wrong, what it carries. */
export function NodePage() {
  const { node: reference } = useParams({ from: '/shell/nodes/$node' });
  const node = useAnswer('GET /v1/nodes/:node', { params: { node: reference } });
  if (node.data === undefined) {
    return (
      <Page title={reference}>
        {node.error ? <Failed error={node.error} retry={node.refetch} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <Known key={node.data.id} node={node.data} />;
}

function Known({ node }: { readonly node: Node }) {
  const say = useTexts(fleetTexts);
  const loads = useQuery({ ...question('GET /v1/loads', { query: { node: node.id } }), refetchInterval: LOOK_MS });
  return (
    <Page title={node.name} mark={<Health node={node} />}>
      <Alarms node={node} />
      <Section title={say('room')} lead={say('roomLead')}>
        <Loaded from={loads} lines={3}>
          {({ items: [load] }) => (load === undefined ? null : <Room load={load} />)}
        </Loaded>
      </Section>
      <div className="fleet-columns">
        <Services node={node} />
        <Machine node={node} />
      </div>
      <Sites node={node} />
    </Page>
  );
}

function Alarms({ node }: { readonly node: Node }) {
  const say = useTexts(fleetTexts);
  const { moment } = useFormats();
  return (
    <Section title={say('alarms')}>
      {node.alarms.length === 0 ? (
        <p className="soft">{say('noAlarms')}</p>
      ) : (
        <ul className="alarms">
          {node.alarms.map(({ code, message, since }) => (
            <li key={`${code} ${message}`}>
              <strong>{message}</strong>
              <span className="small soft">
                <code>{code}</code> · {say('since', { moment: moment(since) })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const SERVICE_STATES = {
  running: { kind: 'good', text: 'serviceRunning' },
  starting: { kind: 'watch', text: 'serviceStarting' },
  failed: { kind: 'wrong', text: 'serviceFailed' },
} as const;

function Services({ node }: { readonly node: Node }) {
  const say = useTexts(fleetTexts);
  return (
    <Section title={say('services')}>
      {node.services.length === 0 ? <p className="soft">{say('noServices')}</p> : null}
      {node.services.map(({ kind, instance, image, state, reason }) => {
        const shown = SERVICE_STATES[state as keyof typeof SERVICE_STATES];
        return (
          <Facts key={`${kind} ${instance}`}>
            <Fact name={say('service')}>{kind === 'edge' ? say('edge') : say('mail')}</Fact>
            <Fact name={say('state')}>
              <Badge kind={shown.kind}>{say(shown.text)}</Badge> {reason}
            </Fact>
            <Fact name={say('image')}>
              <code>{image.slice(0, 19)}</code>
            </Fact>
          </Facts>
        );
      })}
    </Section>
  );
}

function Machine({ node }: { readonly node: Node }) {
  const say = useTexts(fleetTexts);
  const { ago, number } = useFormats();
  const { facts, revision, appliedRevision } = node;
  return (
    <Section title={say('machine')}>
      <Facts>
        <Fact name={say('connected')}>
          {node.linked ? say('yes') : say('no')}
          {node.lastSeenAt === null ? '' : ` · ${say('seen', { ago: ago(node.lastSeenAt, Date.now()) })}`}
        </Fact>
        <Fact name={say('applied')}>
          {appliedRevision === revision
            ? say('appliedAll', { revision: number(revision) })
            : say('appliedNot', { applied: number(appliedRevision ?? 0), revision: number(revision) })}
        </Fact>
        {facts === null ? null : (
          <>
            <Fact name={say('kernel')}>{facts.kernel}</Fact>
            <Fact name="crun">{facts.crun}</Fact>
            <Fact name={say('groups')}>{facts.cgroups}</Fact>
          </>
        )}
      </Facts>
    </Section>
  );
}

function Sites({ node }: { readonly node: Node }) {
  const say = useTexts(fleetTexts);
  const sites = useList('GET /v1/sites', { node: node.id, limit: 50 });
  return (
    <Section title={say('sites')}>
      <Table
        label={say('sites')}
        list={sites}
        keyOf={({ id }) => id}
        empty={<p className="soft">{say('noSites')}</p>}
        columns={[
          { id: 'site', head: say('site'), kind: 'wide', cell: (site) => <SiteLink site={site} /> },
          { id: 'state', head: say('state'), cell: ({ state }) => <SiteState state={state} /> },
          { id: 'plan', head: say('plan'), cell: ({ plan }) => plan },
        ]}
      />
    </Section>
  );
}
