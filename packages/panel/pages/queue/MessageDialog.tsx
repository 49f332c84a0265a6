import { useAct, useAnswer } from '../../api/query.ts';
import { useMe } from '../../api/session.ts';
import { Ask, Buttons } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import type { Message } from './QueuePage.tsx';
import { queueTexts } from './texts.ts';
import './queue.css';

export interface MessageDialogProps {
  readonly message: Message;
  onClose(): void;
}

/** Headers and fate of one message; never what is in it. */
export function MessageDialog({ message, onClose }: MessageDialogProps) {
  const say = useTexts(queueTexts);
  const sayCommon = useTexts(common);
  const sayProblem = useTexts(problems);
  const { id, node } = message;
  const shown = useAnswer('GET /v1/queue/:message', { params: { message: id }, query: { node } });
  const retry = useAct('POST /v1/queue/retry', ['/v1/queue']);
  const isAdministrator = useMe().person?.operatorRole === 'administrator';
  const tryNow = () =>
    retry.mutate(
      { query: { node }, body: { message: id } },
      {
        onSuccess: () => {
          tell({ text: say('tried', { id }) });
          onClose();
        },
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
      },
    );
  return (
    <Ask title={say('message', { id })} isOpen onClose={onClose}>
      <Loaded from={shown} lines={8}>
        {({ headers, log }) => (
          <div className="message">
            <Lines title={say('headers')} text={headers} />
            <Lines title={say('log')} text={log} />
          </div>
        )}
      </Loaded>
      <Buttons>
        <Button onPress={onClose}>{sayCommon('close')}</Button>
        {isAdministrator ? (
          <Button kind="main" onPress={tryNow} isPending={retry.isPending}>
            {say('retry')}
          </Button>
        ) : null}
      </Buttons>
    </Ask>
  );
}

function Lines({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <section>
      <h3>{title}</h3>
      {/* What scrolls must be reached by the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <pre className="message-lines" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
