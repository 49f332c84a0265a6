import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { shellRoute } from '../../frame/roots.ts';

const ownMailboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/mailbox',
  component: lazyPage(() => import('./OwnMailboxPage.tsx'), 'OwnMailboxPage'),
});

export const mailboxUserRoutes = [ownMailboxRoute] as const;
