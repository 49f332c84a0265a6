import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { isOperator, type NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { directoryTexts } from './texts.ts';

const sitesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sites',
  component: lazyPage(() => import('./SitesPage.tsx'), 'SitesPage'),
});

export const directoryRoutes = [sitesRoute] as const;

export const directoryNavigation: readonly NavigationEntry[] = [
  {
    to: '/sites',
    icon: 'globe',
    section: 'operator',
    label: (language) => sayIn(language, directoryTexts)('sites'),
    isFor: isOperator,
  },
];
