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

export const siteRoutes = [overviewRoute] as const;

export const siteNavigation: readonly NavigationEntry[] = [
  { to: '/', icon: 'houses', section: 'own', label: (language) => sayIn(language, siteTexts)('sites') },
];
