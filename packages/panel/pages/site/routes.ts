import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import type { NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { defineTexts } from '../../text/define.ts';
import { sayIn } from '../../text/useTexts.tsx';

const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyPage(() => import('./OverviewPage.tsx'), 'OverviewPage'),
});

const siteRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sites/$site',
  component: lazyPage(() => import('./SitePage.tsx'), 'SitePage'),
});

export const siteRoutes = [overviewRoute, siteRoute] as const;

/** Words of the navigation are loaded with the frame; those of the pages with each page. */
const places = defineTexts('site-places', {
  sites: { en: 'Houses', nl: 'Huizen' },
});

export const siteNavigation: readonly NavigationEntry[] = [
  { to: '/', icon: 'houses', section: 'own', label: (language) => sayIn(language, places)('sites') },
];
