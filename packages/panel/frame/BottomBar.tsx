import { Link } from '@tanstack/react-router';
import { Button } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import type { Me } from '#contract/api/session.ts';
import { Icon } from '../parts/icons.tsx';
import { useLanguage, useTexts } from '../text/useTexts.tsx';
import { PersonSettings } from './PersonSettings.tsx';
import { Places, usePlaces } from './Places.tsx';
import { openPalette } from './palette-state.ts';
import { frameTexts } from './texts.ts';

/** What a thumb reaches: the first places, the palette, and the rest in a drawer. */
const PLACES_IN_BAR = 3;

export function BottomBar({ me }: { readonly me: Me }) {
  const say = useTexts(frameTexts);
  const language = useLanguage();
  const places = usePlaces(me).slice(0, PLACES_IN_BAR);
  return (
    <nav className="bottom" aria-label={say('navigation')}>
      {places.map(({ to, icon, label }) => (
        <Link
          key={to}
          to={to}
          className="bottom-place"
          activeOptions={{ exact: to === '/' }}
          activeProps={{ 'data-here': true }}
        >
          <Icon name={icon} />
          <span>{label(language)}</span>
        </Link>
      ))}
      {me.kind === 'mailbox' ? null : (
        <Button className="bottom-place" onPress={openPalette}>
          <Icon name="search" />
          <span>{say('search')}</span>
        </Button>
      )}
      <DialogTrigger>
        <Button className="bottom-place">
          <Icon name="menu" />
          <span>{say('menu')}</span>
        </Button>
        <ModalOverlay className="veil" isDismissable>
          <Modal className="drawer">
            <Dialog className="drawer-words" aria-label={say('menu')}>
              {({ close }) => (
                <>
                  <Places me={me} onGo={close} />
                  <PersonSettings me={me} onGo={close} />
                </>
              )}
            </Dialog>
          </Modal>
        </ModalOverlay>
      </DialogTrigger>
    </nav>
  );
}
