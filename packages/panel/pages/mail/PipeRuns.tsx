import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Button } from '../../parts/Button.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { forwarderTexts, runTexts } from './forwarder-texts.ts';

type Forwarder = Answer<'GET /v1/forwarders/:forwarder'>;
type Run = Answer<'POST /v1/forwarders/:forwarder/test'>;

/** Tries a pipe, and tells what became of the last messages. */
export function PipeRuns({ forwarder }: { readonly forwarder: Forwarder }) {
  const say = useTexts(forwarderTexts);
  const params = { forwarder: forwarder.id };
  const runs = useAnswer('GET /v1/forwarders/:forwarder/runs', { params });
  const test = useAct('POST /v1/forwarders/:forwarder/test', [`/v1/forwarders/:forwarder/runs`]);
  const trouble = useTrouble(test.error).besides();
  return (
    <>
      <Section
        title={say('test')}
        lead={say('testLead')}
        actions={
          <Button kind="main" onPress={() => test.mutate({ params, body: {} })} isPending={test.isPending}>
            {say('testNow')}
          </Button>
        }
      >
        <div role="status">{test.isPending ? <span className="soft">{say('testing')}</span> : null}</div>
        {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
        {test.data === undefined || test.isPending ? null : <Told run={test.data} />}
      </Section>
      <Section title={say('runs')} lead={say('runsLead')}>
        <Loaded from={runs} lines={4}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="soft">{say('noRuns')}</p>
            ) : (
              <ul className="runs">
                {items.map((run) => (
                  <li key={run.at}>
                    <RunRow run={run} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Section>
    </>
  );
}

function Told({ run }: { readonly run: Run }) {
  return (
    <Notice kind={run.mail === 'delivered' ? 'good' : 'watch'}>
      <RunRow run={run} isOpen />
    </Notice>
  );
}

function RunRow({ run, isOpen = false }: { readonly run: Run; readonly isOpen?: boolean }) {
  const say = useTexts(forwarderTexts);
  const sayRun = useTexts(runTexts);
  const { moment, number } = useFormats();
  return (
    <div className="run">
      <div className="run-head">
        <strong className="run-mail" data-mail={run.mail}>
          {sayRun(run.mail)}
        </strong>
        <span>{useEnding(run)}</span>
        <span className="small soft number">
          {moment(run.at)} · {say('took', { time: number(run.milliseconds) })}
          {run.test ? ` · ${say('wasTest')}` : null}
        </span>
      </div>
      {run.output === '' ? null : (
        <details open={isOpen}>
          <summary className="small">{say('wrote')}</summary>
          <pre className="runs-output">{run.output}</pre>
          {run.cut ? <p className="small soft">{say('cut')}</p> : null}
        </details>
      )}
    </div>
  );
}

/** How the program ended, in words. */
function useEnding({ outcome, status, signal, reason }: Run): string {
  const say = useTexts(forwarderTexts);
  switch (outcome) {
    case 'exited':
      return say('exited', { status: status ?? 0 });
    case 'signalled':
      return say('signalled', { signal: signal ?? 0 });
    case 'no-program':
      return say('noProgram');
    case 'not-started':
      return reason === null ? say('notStarted') : `${say('notStarted')}: ${reason}`;
    case 'container-died':
      return say('died');
    case 'timed-out':
      return say('timedOut');
    case 'starved':
      return say(reason === 'processes' ? 'starvedProcesses' : 'starvedMemory');
  }
}
