import type { Site } from '#contract/api/site.ts';
import { facts, table } from '../../output.ts';

/** Pure. */
export function siteText(site: Site): string {
  const hosts = site.hosts.map((host) => {
    const notes = [host.role, host.served ? '' : 'not served: its domain is not proven', host.certificate];
    return [host.name, notes.filter((note) => note !== '').join(', ')] as const;
  });
  return facts([
    ['site', site.name],
    ['state', site.reason === null ? site.state : `${site.state}: ${site.reason}`],
    ['plan', site.plan],
    ['account', site.account],
    ['node', site.node],
    ['instance', site.instance ?? 'none yet'],
    ['image', site.image],
    ['id', site.id],
    ...hosts.map(([name, notes]) => ['host', `${name} (${notes})`] as const),
    ...(site.deletedAt === null ? [] : ([['deleted', site.deletedAt]] as const)),
    ...(site.purgeAfter === null ? [] : ([['restorable until', site.purgeAfter]] as const)),
  ]);
}

/** Pure. */
export function sitesText(sites: readonly Site[]): string {
  const rows = sites.map((site) => [site.name, site.state, site.plan, site.instance ?? '', site.reason ?? '']);
  return table(['SITE', 'STATE', 'PLAN', 'INSTANCE', 'REASON'], rows);
}
