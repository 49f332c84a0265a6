import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { queueTexts } from './texts.ts';

const queueRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/queue',
  component: lazyRouteComponent(() => import('./QueuePage.tsx'), 'QueuePage'),
});

export const queueRoutes = [queueRoute] as const;

export const queueNavigation: readonly NavigationEntry[] = [
  {
    to: '/queue',
    icon: 'mail',
    section: 'operator',
    label: (language) => sayIn(language, queueTexts)('queue'),
    isFor: ({ person }) => person?.operatorRole === 'administrator' || person?.operatorRole === 'support',
  },
];
