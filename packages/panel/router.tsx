import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { Broken } from './frame/Broken.tsx';
import { Missing } from './frame/Missing.tsx';
import { entranceRoute, rootRoute, shellRoute } from './frame/roots.ts';
import { entranceRoutes } from './pages/entrance/routes.ts';
import { mailNavigation, mailRoutes } from './pages/mail/routes.ts';
import { siteNavigation, siteRoutes } from './pages/site/routes.ts';

/** Every page, by the folder that it stands in. */
const routes = rootRoute.addChildren([
  entranceRoute.addChildren([...entranceRoutes]),
  shellRoute.addChildren([...siteRoutes, ...mailRoutes]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { client, navigation: [...siteNavigation, ...mailNavigation], commands: [] },
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
