import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import type { NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { defineTexts } from '../../text/define.ts';
import { sayIn } from '../../text/useTexts.tsx';

const peopleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/people',
  component: lazyPage(() => import('./PeoplePage.tsx'), 'PeoplePage'),
});

export const peopleRoutes = [peopleRoute] as const;

const places = defineTexts('people-places', {
  people: { en: 'People', nl: 'Mensen' },
});

export const peopleNavigation: readonly NavigationEntry[] = [
  {
    to: '/people',
    icon: 'people',
    section: 'own',
    label: (language) => sayIn(language, places)('people'),
    isFor: (me) => me.memberships.length > 0,
  },
];
