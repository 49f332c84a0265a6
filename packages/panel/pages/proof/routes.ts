import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { shellRoute } from '../../frame/roots.ts';

const proofRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sites/$site/proof',
  component: lazyPage(() => import('./ProofPage.tsx'), 'ProofPage'),
});

export const proofRoutes = [proofRoute] as const;
