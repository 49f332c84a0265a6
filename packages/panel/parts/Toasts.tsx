import { Button } from 'react-aria-components/Button';
import { Text } from 'react-aria-components/Text';
import {
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components/Toast';
import { common } from '../text/common.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Icon } from './icons.tsx';
import './toasts.css';

/** What was done, told in passing. */
export interface Told {
  readonly text: string;
  /** Takes it back; shown as a button for as long as the words stand. */
  readonly undo?: () => void;
}

const SHOWN_MS = 6000;
/** Time to read, to decide, and to come there with the keyboard. */
const UNDO_MS = 12_000;

const queue = new ToastQueue<Told>({ maxVisibleToasts: 3 });

/** Tells something that needs no answer. Also to the ear. */
export function tell(told: Told): void {
  queue.add(told, { timeout: told.undo === undefined ? SHOWN_MS : UNDO_MS });
}

export function Toasts({ label }: { readonly label: string }) {
  const say = useTexts(common);
  return (
    <ToastRegion queue={queue} className="toasts" aria-label={label}>
      {({ toast }) => (
        <Toast toast={toast} className="toast">
          <ToastContent className="toast-words">
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.undo === undefined ? null : (
            <Button
              className="toast-undo"
              onPress={() => {
                toast.content.undo?.();
                queue.close(toast.key);
              }}
            >
              {say('undo')}
            </Button>
          )}
          <Button slot="close" className="toast-close" aria-label={say('dismiss')}>
            <Icon name="close" size={16} />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
