import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../../frame/Page.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { meTexts } from './texts.ts';
import './me.css';

interface MePageProps {
  readonly title: string;
  readonly lead: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

const PLACES = [
  { to: '/me', key: 'profile' },
  { to: '/me/security', key: 'security' },
  { to: '/me/tokens', key: 'tokens' },
] as const;

/** A page about oneself, with the way to the others. */
export function MePage({ title, lead, actions, children }: MePageProps) {
  const say = useTexts(meTexts);
  return (
    <Page title={title} lead={lead} actions={actions}>
      <nav className="me-places" aria-label={say('parts')}>
        {PLACES.map(({ to, key }) => (
          <Link
            key={to}
            to={to}
            className="me-place"
            activeOptions={{ exact: true }}
            activeProps={{ 'data-here': true }}
          >
            {say(key)}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}
