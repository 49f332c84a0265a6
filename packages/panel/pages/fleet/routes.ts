import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { isOperator, type NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { fleetTexts } from './texts.ts';

const fleetRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/nodes',
  component: lazyPage(() => import('./FleetPage.tsx'), 'FleetPage'),
});

const nodeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/nodes/$node',
  component: lazyPage(() => import('./NodePage.tsx'), 'NodePage'),
});

export const fleetRoutes = [fleetRoute, nodeRoute] as const;

export const fleetNavigation: readonly NavigationEntry[] = [
  {
    to: '/nodes',
    icon: 'server',
    section: 'operator',
    label: (language) => sayIn(language, fleetTexts)('fleet'),
    isFor: isOperator,
  },
];
