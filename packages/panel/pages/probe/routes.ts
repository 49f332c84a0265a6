import { createRoute } from '@tanstack/react-router';
import type { Me } from '#contract/api/session.ts';
import { lazyPage } from '../../frame/lazy.ts';
import type { NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { defineTexts } from '../../text/define.ts';
import { sayIn } from '../../text/useTexts.tsx';

const matrixRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/probes',
  component: lazyPage(() => import('./MatrixPage.tsx'), 'MatrixPage'),
});

export const probeRoutes = [matrixRoute] as const;

const places = defineTexts('probe-places', {
  walls: { en: 'Walls', nl: 'Muren' },
});

/** As the row of rights of the matrix has it. */
function maySee({ person }: Me): boolean {
  return person?.operatorRole === 'administrator' || person?.operatorRole === 'support';
}

export const probeNavigation: readonly NavigationEntry[] = [
  {
    to: '/probes',
    icon: 'shield',
    section: 'operator',
    label: (language) => sayIn(language, places)('walls'),
    isFor: maySee,
  },
];
