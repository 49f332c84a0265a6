import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { isOperator, type NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { imageTexts } from './texts.ts';

const imagesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/images',
  component: lazyPage(() => import('./ImagesPage.tsx'), 'ImagesPage'),
});

export const imageRoutes = [imagesRoute] as const;

export const imageNavigation: readonly NavigationEntry[] = [
  {
    to: '/images',
    icon: 'layers',
    section: 'operator',
    label: (language) => sayIn(language, imageTexts)('images'),
    isFor: isOperator,
  },
];
