import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { entranceRoute } from '../../frame/roots.ts';

interface LoginSearch {
  /** Where one was going: a path of the panel's own. */
  readonly to?: string;
}

const loginRoute = createRoute({
  getParentRoute: () => entranceRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): LoginSearch => {
    const { to } = search;
    // Never to another place: neither `//elsewhere.example` nor `\\elsewhere.example`.
    return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? { to } : {};
  },
  component: lazyRouteComponent(() => import('./LoginPage.tsx'), 'LoginPage'),
});

const welcomeRoute = createRoute({
  getParentRoute: () => entranceRoute,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./WelcomePage.tsx'), 'WelcomePage'),
});

const resetRoute = createRoute({
  getParentRoute: () => entranceRoute,
  path: '/reset',
  component: lazyRouteComponent(() => import('./ResetPage.tsx'), 'ResetPage'),
});

export const entranceRoutes = [loginRoute, welcomeRoute, resetRoute] as const;
