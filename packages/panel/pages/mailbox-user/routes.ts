import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../frame/roots.ts';

const ownMailboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/mailbox',
  component: lazyRouteComponent(() => import('./OwnMailboxPage.tsx'), 'OwnMailboxPage'),
});

export const mailboxUserRoutes = [ownMailboxRoute] as const;
