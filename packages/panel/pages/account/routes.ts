import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { type Command, isOperator, type NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { accountTexts } from './texts.ts';

interface AccountsSearch {
  /** The form for a new account is open. */
  readonly make?: true;
}

const accountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/accounts',
  validateSearch: (search: Record<string, unknown>): AccountsSearch =>
    search['make'] === undefined ? {} : { make: true },
  component: lazyPage(() => import('./AccountsPage.tsx'), 'AccountsPage'),
});

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/accounts/$account',
  component: lazyPage(() => import('./AccountPage.tsx'), 'AccountPage'),
});

export const accountRoutes = [accountsRoute, accountRoute] as const;

export const accountNavigation: readonly NavigationEntry[] = [
  {
    to: '/accounts',
    icon: 'people',
    section: 'operator',
    label: (language) => sayIn(language, accountTexts)('accounts'),
    isFor: isOperator,
  },
];

export const accountCommands: readonly Command[] = [
  {
    id: 'make-account',
    icon: 'plus',
    to: '/accounts?make=true',
    label: (language) => sayIn(language, accountTexts)('makeAccount'),
    isFor: (me) => me.person?.operatorRole === 'administrator',
  },
];
