import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { question, useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Empty, Failed, Skeleton } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Health } from './Health.tsx';
import { LOOK_MS, type Load, sumUp } from './load.ts';
import { Room } from './Room.tsx';
import { fleetTexts } from './texts.ts';
import './fleet.css';

type Node = Answer<'GET /v1/nodes/:node'>;

/** All machines: who needs somebody first, what each has, has sold and uses. */
export function FleetPage() {
  const say = useTexts(fleetTexts);
  const sayCommon = useTexts(common);
  const nodes = useList('GET /v1/nodes', {});
  const loads = useQuery({ ...question('GET /v1/loads', { query: { limit: 500 } }), refetchInterval: LOOK_MS });
  const { items } = nodes;
  const lead = items === undefined || items.length === 0 ? '\u00a0' : say('fleetLead', { count: items.length });
  return (
    <Page title={say('fleet')} lead={lead}>
      {items === undefined ? nodes.error ? <Failed error={nodes.error} /> : <Skeleton lines={6} /> : null}
      {items?.length === 0 ? (
        <Empty icon="server" title={say('noNodes')}>
          {say('noNodesText')}
        </Empty>
      ) : null}
      {loads.data === undefined || loads.data.items.length === 0 ? null : <Figures loads={loads.data.items} />}
      <ul className="fleet">
        {needyFirst(items ?? []).map((node) => (
          <li key={node.id}>
            <NodeCard node={node} load={loads.data?.items.find((load) => load.node === node.id)} />
          </li>
        ))}
      </ul>
      {nodes.hasMore ? (
        <div>
          <Button onPress={nodes.more} isPending={nodes.isLoadingMore}>
            {sayCommon('more')}
          </Button>
        </div>
      ) : null}
    </Page>
  );
}

const URGENCY: Readonly<Record<Node['health'], number>> = { silent: 0, alarmed: 1, waiting: 2, ok: 3 };

function needyFirst(nodes: readonly Node[]): readonly Node[] {
  return nodes.toSorted((a, b) => URGENCY[a.health] - URGENCY[b.health]);
}

const STATES = ['asleep', 'suspended', 'failed', 'unknown'] as const;

/** What the whole installation does at the moment. */
function Figures({ loads }: { readonly loads: readonly Load[] }) {
  const say = useTexts(fleetTexts);
  const { number } = useFormats();
  const { states, requests } = sumUp(loads);
  const shown = STATES.filter((state) => state === 'asleep' || (states[state] ?? 0) > 0);
  return (
    <section aria-label={say('now')}>
      <dl className="figures">
        <Figure name={say('requests')} value={number(requests)} />
        <Figure name={say('awake')} value={number((states.running ?? 0) + (states.starting ?? 0))} />
        {shown.map((state) => (
          <Figure key={state} name={say(state)} value={number(states[state] ?? 0)} isWrong={state === 'failed'} />
        ))}
      </dl>
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly isWrong?: boolean;
}

function Figure({ name, value, isWrong = false }: FigureProps) {
  return (
    <div className="figure" data-wrong={isWrong}>
      <dt className="small soft">{name}</dt>
      <dd className="number">{value}</dd>
    </div>
  );
}

function NodeCard({ node, load }: { readonly node: Node; readonly load: Load | undefined }) {
  return (
    <section className="node-card" aria-labelledby={`name-${node.id}`}>
      <header className="node-head">
        <h2 id={`name-${node.id}`}>
          <Link to="/nodes/$node" params={{ node: node.name }}>
            {node.name}
          </Link>
        </h2>
        <Health node={node} />
      </header>
      {node.alarms.map(({ code, message }) => (
        <Notice key={`${code} ${message}`} kind="wrong">
          {message}
        </Notice>
      ))}
      {load === undefined ? <Skeleton lines={3} /> : <Room load={load} />}
    </section>
  );
}
