import { type FormEvent, type ReactNode, useState } from 'react';
import { useTrouble } from '../api/trouble.ts';
import { common } from '../text/common.ts';
import { defineTexts } from '../text/define.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Ask, Buttons, Fields } from './Ask.tsx';
import { Button } from './Button.tsx';
import { Field } from './Field.tsx';
import { Notice } from './Notice.tsx';

const texts = defineTexts('confirm', {
  type: { en: 'Type {{word}} to confirm', nl: 'Typ {{word}} ter bevestiging' },
});

export interface ConfirmProps {
  readonly title: string;
  /** What will be, and that it cannot be undone. */
  readonly children: ReactNode;
  /** What the button says. */
  readonly act: string;
  /** A name that is to be typed first; for what is lost for good. */
  readonly word?: string;
  readonly error: unknown;
  readonly isPending: boolean;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, children, act, word, error, isPending, onConfirm, onClose }: ConfirmProps) {
  const say = useTexts(texts);
  const sayCommon = useTexts(common);
  const [typed, setTyped] = useState('');
  const trouble = useTrouble(error).besides();
  const isSure = word === undefined || typed.trim().toLowerCase() === word;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isSure) onConfirm();
  };
  return (
    <Ask title={title} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          <div>{children}</div>
          {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
          {word === undefined ? null : (
            <Field
              label={say('type', { word })}
              value={typed}
              onChange={setTyped}
              autoComplete="off"
              spellCheck="false"
              mono
              autoFocus
            />
          )}
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="danger" type="submit" isDisabled={!isSure} isPending={isPending}>
              {act}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
