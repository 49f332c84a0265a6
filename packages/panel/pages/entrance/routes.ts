import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { ownPath } from '../../frame/own-path.ts';
import { entranceRoute } from '../../frame/roots.ts';

interface LoginSearch {
  /** Where one was going: a path of the panel's own. */
  readonly to?: string | undefined;
}

const loginRoute = createRoute({
  getParentRoute: () => entranceRoute,
  path: '/login',
  // Named even where it is undefined: what is not named is passed on as it came.
  validateSearch: (search: Record<string, unknown>): LoginSearch => ({ to: ownPath(search['to']) }),
  component: lazyPage(() => import('./LoginPage.tsx'), 'LoginPage'),
});

const welcomeRoute = createRoute({
  getParentRoute: () => entranceRoute,
  path: '/welcome',
  component: lazyPage(() => import('./WelcomePage.tsx'), 'WelcomePage'),
});

const resetRoute = createRoute({
  getParentRoute: () => entranceRoute,
  path: '/reset',
  component: lazyPage(() => import('./ResetPage.tsx'), 'ResetPage'),
});

const invitationRoute = createRoute({
  getParentRoute: () => entranceRoute,
  path: '/invitation',
  component: lazyPage(() => import('./InvitationPage.tsx'), 'InvitationPage'),
});

export const entranceRoutes = [loginRoute, welcomeRoute, resetRoute, invitationRoute] as const;
