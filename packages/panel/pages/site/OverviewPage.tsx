import { Link } from '@tanstack/react-router';
import { useList } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Page } from '../../frame/Page.tsx';
import { Button } from '../../parts/Button.tsx';
import { SiteHouse, SiteState } from '../../parts/SiteState.tsx';
import { Empty, Failed, Skeleton } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { needOf } from './need.ts';
import { siteTexts } from './texts.ts';
import './overview.css';

type Site = Answer<'GET /v1/sites/:site'>;

/** The courtyard: every house that one may see, those that need somebody first. */
export function OverviewPage() {
  const say = useTexts(siteTexts);
  const sayCommon = useTexts(common);
  const list = useList('GET /v1/sites', {});
  const lead =
    list.items === undefined || list.items.length === 0 ? '' : say('sitesLead', { count: list.items.length });
  return (
    <Page title={say('sites')} lead={lead || '\u00a0'}>
      <Courtyard items={list.items} error={list.error} />
      {list.hasMore ? (
        <div>
          <Button onPress={list.more} isPending={list.isLoadingMore}>
            {sayCommon('more')}
          </Button>
        </div>
      ) : null}
    </Page>
  );
}

function Courtyard({ items, error }: { readonly items: readonly Site[] | undefined; readonly error: unknown }) {
  const say = useTexts(siteTexts);
  if (items === undefined) return error ? <Failed error={error} /> : <Skeleton lines={6} />;
  if (items.length === 0) {
    return (
      <Empty icon="house" title={say('noSites')}>
        {say('noSitesText')}
      </Empty>
    );
  }
  const needy = items.filter((site) => needOf(site) !== undefined);
  const well = items.filter((site) => needOf(site) === undefined);
  return (
    <>
      {needy.length === 0 ? null : <Row title={say('attention')} sites={needy} />}
      {well.length === 0 ? null : <Row title={say('others')} sites={well} isQuiet={needy.length === 0} />}
    </>
  );
}

interface RowProps {
  readonly title: string;
  readonly sites: readonly Site[];
  /** For the ear alone: where there is one row only, the eye needs no title. */
  readonly isQuiet?: boolean;
}

function Row({ title, sites, isQuiet = false }: RowProps) {
  return (
    <section className="courtyard">
      <h2 className={isQuiet ? 'unseen' : 'courtyard-title'}>{title}</h2>
      <ul className="courtyard-houses">
        {sites.map((site) => (
          <li key={site.id}>
            <House site={site} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function House({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const need = needOf(site);
  return (
    <Link to="/sites/$site" params={{ site: site.id }} className="house">
      <SiteHouse state={site.state} size={44} />
      <span className="house-words">
        <span className="house-name">{site.name}</span>
        <span className="small soft">{need === undefined ? say('plan', { name: site.plan }) : say(need)}</span>
      </span>
      <SiteState state={site.state} />
    </Link>
  );
}
