import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { siteTexts } from './texts.ts';

const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./OverviewPage.tsx'), 'OverviewPage'),
});

const siteRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sites/$site',
  component: lazyRouteComponent(() => import('./SitePage.tsx'), 'SitePage'),
});

export const siteRoutes = [overviewRoute, siteRoute] as const;

export const siteNavigation: readonly NavigationEntry[] = [
  { to: '/', icon: 'houses', section: 'own', label: (language) => sayIn(language, siteTexts)('sites') },
];
