import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { common } from '../text/common.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Icon } from './icons.tsx';
import './copy.css';

const SHOWN_MS = 2000;

export interface CopyProps {
  readonly text: string;
  /** What is copied, for the ear: several may stand on one page. */
  readonly what: string;
}

/** Copies a text, and says that it did. */
export function CopyButton({ text, what }: CopyProps) {
  const say = useTexts(common);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <>
      <Button
        className="copy"
        aria-label={say('copyOf', { what })}
        onPress={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        <Icon name={isCopied ? 'check' : 'copy'} size={16} />
        <span aria-hidden="true">{say(isCopied ? 'copied' : 'copy')}</span>
      </Button>
      <span className="unseen" role="status">
        {isCopied ? say('copied') : ''}
      </span>
    </>
  );
}

/** A text to be copied, with its button. */
export function Copyable({ text, what }: CopyProps) {
  return (
    <span className="copyable">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}
