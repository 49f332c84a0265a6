import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';
import { meQuestion } from '../api/session.ts';
import { lazyPage } from './lazy.ts';
import type { Command, NavigationEntry } from './registry.ts';

/** What every route may use. */
export interface RouterContext {
  readonly client: QueryClient;
  readonly navigation: readonly NavigationEntry[];
  readonly commands: readonly Command[];
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({});

/** Pages before one is logged in: a quiet card below the sign. */
export const entranceRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'entrance',
  component: lazyPage(() => import('./Entrance.tsx'), 'Entrance'),
});

/** Pages of who is logged in, within the shell. Everybody else is led to the log-in and back. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    const me = await context.client.ensureQueryData(meQuestion);
    if (me === null) {
      const to = location.href === '/' ? {} : { to: location.href };
      throw redirect({ to: '/login', search: to, replace: true });
    }
    if (me.kind === 'mailbox' && location.pathname !== '/mailbox') throw redirect({ to: '/mailbox', replace: true });
  },
  component: lazyPage(() => import('./Shell.tsx'), 'Shell'),
});
