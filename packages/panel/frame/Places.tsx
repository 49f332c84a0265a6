import { Link, useRouteContext } from '@tanstack/react-router';
import type { Me } from '#contract/api/session.ts';
import { Icon } from '../parts/icons.tsx';
import { useLanguage, useTexts } from '../text/useTexts.tsx';
import { entriesFor, type NavigationEntry } from './registry.ts';
import { frameTexts } from './texts.ts';

/** The places of the navigation that are there for this person. */
export function usePlaces(me: Me): readonly NavigationEntry[] {
  const { navigation } = useRouteContext({ from: '__root__' });
  return entriesFor(navigation, me);
}

/** All of them, those of who runs the platform apart. */
export function Places({ me, onGo }: { readonly me: Me; readonly onGo?: () => void }) {
  const say = useTexts(frameTexts);
  const places = usePlaces(me);
  const own = places.filter(({ section }) => section === 'own');
  const operator = places.filter(({ section }) => section === 'operator');
  return (
    <nav className="places" aria-label={say('navigation')}>
      <PlaceList places={own} onGo={onGo} />
      {operator.length === 0 ? null : (
        <>
          <h2 className="places-section small soft">{say('operator')}</h2>
          <PlaceList places={operator} onGo={onGo} />
        </>
      )}
    </nav>
  );
}

interface PlaceListProps {
  readonly places: readonly NavigationEntry[];
  readonly onGo: (() => void) | undefined;
}

function PlaceList({ places, onGo }: PlaceListProps) {
  const language = useLanguage();
  return (
    <ul>
      {places.map(({ to, icon, label }) => (
        <li key={to}>
          <Link
            to={to}
            className="place"
            activeOptions={{ exact: to === '/' }}
            activeProps={{ 'data-here': true }}
            {...(onGo && { onClick: onGo })}
          >
            <Icon name={icon} />
            <span>{label(language)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
