import { Link } from '@tanstack/react-router';
import { Button } from 'react-aria-components/Button';
import type { Me } from '#contract/api/session.ts';
import { Icon, Sign } from '../parts/icons.tsx';
import { useTexts } from '../text/useTexts.tsx';
import { PersonMenu } from './PersonMenu.tsx';
import { Places } from './Places.tsx';
import { openPalette } from './palette-state.ts';
import { frameTexts } from './texts.ts';

/** The column at the side of a desk's screen. */
export function SideBar({ me }: { readonly me: Me }) {
  const say = useTexts(frameTexts);
  return (
    <header className="side">
      <Link to="/" className="side-sign">
        <Sign />
        <span>Hofje</span>
      </Link>
      {me.kind === 'mailbox' ? null : (
        <Button className="side-search" onPress={openPalette}>
          <Icon name="search" size={18} />
          <span>{say('search')}</span>
          <span className="side-keys" aria-hidden="true">
            Ctrl K
          </span>
        </Button>
      )}
      <Places me={me} />
      <PersonMenu me={me} />
    </header>
  );
}
