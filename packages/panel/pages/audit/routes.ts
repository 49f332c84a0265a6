import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import { isOperator, type NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { sayIn } from '../../text/useTexts.tsx';
import { auditTexts } from './texts.ts';

/** What of the audit is shown; as in the API. */
export interface AuditSearch {
  readonly account?: string;
  readonly person?: string;
  readonly object?: string;
  readonly action?: string;
  /** Days, as a date field gives them. */
  readonly since?: string;
  readonly until?: string;
}

const NAMES = ['account', 'person', 'object', 'action', 'since', 'until'] as const;

const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch =>
    Object.fromEntries(
      NAMES.flatMap((name) => {
        const value = search[name];
        return typeof value === 'string' && value !== '' ? [[name, value]] : [];
      }),
    ),
  component: lazyPage(() => import('./AuditPage.tsx'), 'AuditPage'),
});

export const auditRoutes = [auditRoute] as const;

export const auditNavigation: readonly NavigationEntry[] = [
  {
    to: '/audit',
    icon: 'list',
    section: 'operator',
    label: (language) => sayIn(language, auditTexts)('audit'),
    isFor: isOperator,
  },
];
