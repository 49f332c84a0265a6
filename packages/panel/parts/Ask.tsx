import type { ReactNode } from 'react';
import { Dialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { common } from '../text/common.ts';
import { useTexts } from '../text/useTexts.tsx';
import { IconButton } from './Button.tsx';
import './ask.css';

export interface AskProps {
  readonly title: string;
  readonly isOpen: boolean;
  onClose(): void;
  /** A form with its buttons, mostly. */
  readonly children: ReactNode;
}

/** A dialog above the page, for a short form that belongs to it. Escape and a press outside close it. */
export function Ask({ title, isOpen, onClose, children }: AskProps) {
  const say = useTexts(common);
  return (
    <ModalOverlay className="veil" isDismissable isOpen={isOpen} onOpenChange={(open) => open || onClose()}>
      <Modal className="ask">
        <Dialog className="ask-words">
          <header className="ask-head">
            <Heading slot="title">{title}</Heading>
            <IconButton icon="close" label={say('close')} onPress={onClose} />
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Buttons at the foot of a form: the main one last, on a phone first. */
export function Buttons({ children }: { readonly children: ReactNode }) {
  return <div className="buttons">{children}</div>;
}

/** A column of fields. */
export function Fields({ children }: { readonly children: ReactNode }) {
  return <div className="fields">{children}</div>;
}
