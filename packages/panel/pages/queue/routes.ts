import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import type { NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { queueTexts } from './texts.ts';

const queueRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/queue',
  component: lazyPage(() => import('./QueuePage.tsx'), 'QueuePage'),
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
