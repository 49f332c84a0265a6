import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import type { Command } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { defineTexts } from '../../text/define.ts';
import { sayIn } from '../../text/useTexts.tsx';

const profileRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/me',
  component: lazyPage(() => import('./ProfilePage.tsx'), 'ProfilePage'),
});

const securityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/me/security',
  component: lazyPage(() => import('./SecurityPage.tsx'), 'SecurityPage'),
});

const tokensRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/me/tokens',
  component: lazyPage(() => import('./TokensPage.tsx'), 'TokensPage'),
});

export const meRoutes = [profileRoute, securityRoute, tokensRoute] as const;

const places = defineTexts('me-places', {
  profile: { en: 'Your profile', nl: 'Je profiel' },
  security: { en: 'Password and security', nl: 'Wachtwoord en beveiliging' },
  tokens: { en: 'API tokens', nl: 'API-tokens' },
});

export const meCommands: readonly Command[] = [
  { id: 'me', icon: 'person', to: '/me', label: (language) => sayIn(language, places)('profile') },
  { id: 'security', icon: 'key', to: '/me/security', label: (language) => sayIn(language, places)('security') },
  { id: 'tokens', icon: 'list', to: '/me/tokens', label: (language) => sayIn(language, places)('tokens') },
];
