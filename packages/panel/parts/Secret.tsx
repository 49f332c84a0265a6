import { defineTexts } from '../text/define.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Copyable, CopyButton } from './Copy.tsx';
import { Notice } from './Notice.tsx';
import './secret.css';

const texts = defineTexts('secret', {
  once: {
    en: 'Shown only now: we keep no copy that could be read. Put it where you keep such things.',
    nl: 'Alleen nu te zien: wij bewaren niets dat te lezen is. Zet het waar je zulke dingen bewaart.',
  },
});

/** A secret that is shown this once. */
export function Secret({ text, what }: { readonly text: string; readonly what: string }) {
  const say = useTexts(texts);
  return (
    <div className="secret">
      <span className="field-label">{what}</span>
      <Copyable text={text} what={what} />
      <Notice kind="watch">{say('once')}</Notice>
    </div>
  );
}

/** Several of them, one use each. */
export function Secrets({ items, what }: { readonly items: readonly string[]; readonly what: string }) {
  const say = useTexts(texts);
  return (
    <div className="secret">
      <span className="secret-head">
        <span className="field-label">{what}</span>
        <CopyButton text={items.join('\n')} what={what} />
      </span>
      <ul className="secret-list">
        {items.map((item) => (
          <li key={item}>
            <code>{item}</code>
          </li>
        ))}
      </ul>
      <Notice kind="watch">{say('once')}</Notice>
    </div>
  );
}
