import { Button } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import type { Me } from '#contract/api/session.ts';
import { Icon } from '../parts/icons.tsx';
import { useTexts } from '../text/useTexts.tsx';
import { nameOf, PersonSettings } from './PersonSettings.tsx';
import { frameTexts } from './texts.ts';

/** Who one is, at the foot of the column; behind it what one sets for oneself. */
export function PersonMenu({ me }: { readonly me: Me }) {
  const say = useTexts(frameTexts);
  return (
    <DialogTrigger>
      <Button className="side-person">
        <span className="side-face" aria-hidden="true">
          {nameOf(me).slice(0, 1).toUpperCase()}
        </span>
        <span className="side-name">{nameOf(me)}</span>
        <Icon name="chevronDown" size={16} />
      </Button>
      <Popover className="popover" placement="top start">
        <Dialog className="popover-words" aria-label={say('you')}>
          {({ close }) => <PersonSettings me={me} onGo={close} />}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
