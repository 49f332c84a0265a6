import { useId } from 'react';
import { readPipeCommand } from '#model/mail/command.ts';
import { Icon } from '../../parts/icons.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { forwarderTexts, pipeFaults } from './forwarder-texts.ts';

/** How a command falls into program and arguments, or where it does not: the same rule that the platform goes by. */
export function Split({ text }: { readonly text: string }) {
  const say = useTexts(forwarderTexts);
  const id = useId();
  const { argv, fault } = readPipeCommand(text);
  return (
    <section className="split" aria-labelledby={id}>
      <span className="field-label" id={id}>
        {say('split')}
      </span>
      <div aria-live="polite">
        {fault === undefined ? <Words argv={argv} /> : <Fault text={text} kind={fault.kind} at={fault.at} />}
      </div>
    </section>
  );
}

export function Words({ argv }: { readonly argv: readonly string[] }) {
  const say = useTexts(forwarderTexts);
  return (
    <ol className="words">
      {argv.map((word, index) => (
        <li key={index}>
          <span className="small soft">{index === 0 ? say('program') : say('argument', { number: index })}</span>
          <code>{word}</code>
        </li>
      ))}
    </ol>
  );
}

interface FaultProps {
  readonly text: string;
  readonly kind: keyof typeof pipeFaults.entries;
  readonly at: number | undefined;
}

function Fault({ text, kind, at }: FaultProps) {
  const say = useTexts(pipeFaults);
  if (kind === 'empty') return <span className="small soft">{say(kind)}</span>;
  return (
    <>
      <span className="field-error">
        <Icon name="warning" size={16} />
        <span>{say(kind)}</span>
      </span>
      {at === undefined ? null : <Place text={text} at={at} />}
    </>
  );
}

const AROUND = 200;

/** The text with the place marked; of a long one what stands around it. */
function Place({ text, at }: { readonly text: string; readonly at: number }) {
  const here = text.charAt(at);
  return (
    <pre className="pipe-fault">
      {text.slice(Math.max(0, at - AROUND), at)}
      <mark>{here === '\n' ? '\u21b5' : here}</mark>
      {text.slice(at + 1, at + AROUND)}
    </pre>
  );
}
