import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { Broken } from './frame/Broken.tsx';
import { Missing } from './frame/Missing.tsx';
import { entranceRoute, rootRoute, shellRoute } from './frame/roots.ts';
import { accountCommands, accountNavigation, accountRoutes } from './pages/account/routes.ts';
import { activityNavigation, activityRoutes } from './pages/activity/routes.ts';
import { auditNavigation, auditRoutes } from './pages/audit/routes.ts';
import { directoryNavigation, directoryRoutes } from './pages/directory/routes.ts';
import { entranceRoutes } from './pages/entrance/routes.ts';
import { fleetNavigation, fleetRoutes } from './pages/fleet/routes.ts';
import { imageNavigation, imageRoutes } from './pages/image/routes.ts';
import { mailNavigation, mailRoutes } from './pages/mail/routes.ts';
import { mailboxUserRoutes } from './pages/mailbox-user/routes.ts';
import { meCommands, meRoutes } from './pages/me/routes.ts';
import { peopleNavigation, peopleRoutes } from './pages/people/routes.ts';
import { probeNavigation, probeRoutes } from './pages/probe/routes.ts';
import { proofRoutes } from './pages/proof/routes.ts';
import { queueNavigation, queueRoutes } from './pages/queue/routes.ts';
import { siteNavigation, siteRoutes } from './pages/site/routes.ts';

/** Every page, by the folder that it stands in. */
const routes = rootRoute.addChildren([
  entranceRoute.addChildren([...entranceRoutes]),
  shellRoute.addChildren([
    ...siteRoutes,
    ...proofRoutes,
    ...probeRoutes,
    ...mailRoutes,
    ...peopleRoutes,
    ...activityRoutes,
    ...meRoutes,
    ...mailboxUserRoutes,
    ...fleetRoutes,
    ...accountRoutes,
    ...directoryRoutes,
    ...imageRoutes,
    ...queueRoutes,
    ...auditRoutes,
  ]),
]);

/** In the order in which they are shown. */
const navigation = [
  ...siteNavigation,
  ...mailNavigation,
  ...peopleNavigation,
  ...activityNavigation,
  ...fleetNavigation,
  ...accountNavigation,
  ...directoryNavigation,
  ...probeNavigation,
  ...queueNavigation,
  ...imageNavigation,
  ...auditNavigation,
];
const commands = [...accountCommands, ...meCommands];

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { client, navigation, commands },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Missing,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
