import { createRoute } from '@tanstack/react-router';
import { lazyPage } from '../../frame/lazy.ts';
import type { NavigationEntry } from '../../frame/registry.ts';
import { shellRoute } from '../../frame/roots.ts';
import { defineTexts } from '../../text/define.ts';
import { sayIn } from '../../text/useTexts.tsx';

const mailRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/mail',
  component: lazyPage(() => import('./MailPage.tsx'), 'MailPage'),
});

const domainRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/mail/$domain',
  component: lazyPage(() => import('./DomainPage.tsx'), 'DomainPage'),
});

const mailboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/mailboxes/$mailbox',
  component: lazyPage(() => import('./MailboxPage.tsx'), 'MailboxPage'),
});

const forwarderRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/forwarders/$forwarder',
  component: lazyPage(() => import('./ForwarderPage.tsx'), 'ForwarderPage'),
});

export const mailRoutes = [mailRoute, domainRoute, mailboxRoute, forwarderRoute] as const;

const places = defineTexts('mail-places', {
  mail: { en: 'Mail', nl: 'Mail' },
});

export const mailNavigation: readonly NavigationEntry[] = [
  { to: '/mail', icon: 'mail', section: 'own', label: (language) => sayIn(language, places)('mail') },
];
