import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { isOperator, type NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { defineTexts } from '../../text/define.ts';
import { sayIn } from '../../text/useTexts.tsx';

const activityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/activity',
  component: lazyRouteComponent(() => import('./ActivityPage.tsx'), 'ActivityPage'),
});

export const activityRoutes = [activityRoute] as const;

const places = defineTexts('activity-places', {
  activity: { en: 'Activity', nl: 'Logboek' },
});

export const activityNavigation: readonly NavigationEntry[] = [
  {
    to: '/activity',
    icon: 'list',
    section: 'own',
    label: (language) => sayIn(language, places)('activity'),
    isFor: (me) => me.memberships.length > 0 && !isOperator(me),
  },
];
