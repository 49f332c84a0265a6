import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { question, useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Badge } from '../../parts/Badge.tsx';
import { Button } from '../../parts/Button.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Empty, Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { MessageDialog } from './MessageDialog.tsx';
import { queueTexts } from './texts.ts';

type Queue = Answer<'GET /v1/queue'>;
export type Message = Queue['items'][number];

/** Queues tell of themselves to nobody. */
const LOOK_MS = 15_000;

/** Mail that waits on all nodes. */
export function QueuePage() {
  const say = useTexts(queueTexts);
  const queue = useQuery({ ...question('GET /v1/queue'), refetchInterval: LOOK_MS });
  const waits = queue.data !== undefined && queue.data.items.length > 0;
  return (
    <Page title={say('queue')} lead={say('lead')} actions={waits ? <RetryAll /> : undefined}>
      <Loaded from={queue} lines={5}>
        {(data) => <Messages queue={data} />}
      </Loaded>
    </Page>
  );
}

function RetryAll() {
  const say = useTexts(queueTexts);
  const sayProblem = useTexts(problems);
  const retry = useAct('POST /v1/queue/retry', ['/v1/queue']);
  if (useMe().person?.operatorRole !== 'administrator') return null;
  const tryAll = () =>
    retry.mutate(
      { body: {} },
      {
        onSuccess: () => tell({ text: say('triedAll') }),
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
      },
    );
  return (
    <Button onPress={tryAll} isPending={retry.isPending}>
      {say('retryAll')}
    </Button>
  );
}

function Messages({ queue }: { readonly queue: Queue }) {
  const say = useTexts(queueTexts);
  const { bytes, ago } = useFormats();
  const [shown, setShown] = useState<Message>();
  const { items, silent } = queue;
  const now = Date.now();
  return (
    <>
      {silent.length === 0 ? null : (
        <Notice kind="watch">{say('silent', { names: silent.join(', '), count: silent.length })}</Notice>
      )}
      {items.length === 0 ? (
        <Empty icon="check" title={say('none')}>
          {say('noneText')}
        </Empty>
      ) : (
        <Section title={say('queue')} isQuiet>
          <Table
            label={say('queue')}
            list={{ items, error: null, hasMore: false, isLoadingMore: false, more: () => undefined }}
            keyOf={({ node, id }) => `${node} ${id}`}
            empty={null}
            columns={[
              {
                id: 'from',
                head: say('from'),
                cell: ({ sender }) => sender || <em className="soft">{say('bounce')}</em>,
              },
              { id: 'to', head: say('to'), cell: ({ recipients }) => recipients.join(', ') },
              { id: 'size', head: say('size'), kind: 'number', cell: ({ sizeBytes }) => bytes(sizeBytes) },
              {
                id: 'since',
                head: say('since'),
                kind: 'short',
                cell: ({ ageSeconds }) => ago(new Date(now - ageSeconds * 1000).toISOString(), now),
              },
              { id: 'node', head: say('node'), kind: 'short', cell: ({ node }) => node },
              {
                id: 'state',
                head: say('state'),
                cell: ({ frozen }) => (
                  <Badge kind={frozen ? 'wrong' : 'quiet'}>{say(frozen ? 'frozen' : 'waits')}</Badge>
                ),
              },
              {
                id: 'show',
                head: say('acts'),
                cell: (message) => (
                  <Button aria-label={say('showOf', { id: message.id })} onPress={() => setShown(message)}>
                    {say('show')}
                  </Button>
                ),
              },
            ]}
          />
        </Section>
      )}
      {shown === undefined ? null : <MessageDialog message={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}
