import { useAct } from '../../api/query.ts';
import { Button } from '../../parts/Button.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { countOf, type Proof, secondsUntil } from './summary.ts';
import { proofTexts } from './texts.ts';
import { useNow } from './useNow.ts';

const REFRESH = ['/v1/sites/:site/proof'];
const SECOND_MS = 1000;

export interface LookAgainProps {
  readonly proof: Proof;
  readonly isFirst: boolean;
}

/** Runs the probes for this site now; once a minute, with the seconds that are left. */
export function LookAgain({ proof, isFirst }: LookAgainProps) {
  const say = useTexts(proofTexts);
  const sayProblem = useTexts(problems);
  const now = useNow(SECOND_MS);
  const run = useAct('POST /v1/sites/:site/proof', REFRESH);
  const isRunning = run.isPending || (proof.run !== null && proof.run.endedAt === null);
  const seconds = secondsUntil(proof.nextRunAt, now);
  const look = () =>
    run.mutate(
      { params: { site: proof.site } },
      {
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
        onSuccess: ({ walls }) => tell({ text: say('ended', { found: foundText(walls) }) }),
      },
    );
  const foundText = (walls: Proof['walls']) => {
    const { open, closed } = countOf(walls);
    return open > 0 ? say('someOpen', { count: open }) : say('allHold', { count: closed });
  };
  return (
    <div className="proof-look">
      <Button kind="main" icon="eye" onPress={look} isPending={isRunning} isDisabled={!isRunning && seconds > 0}>
        {say(isFirst ? 'lookFirst' : 'look')}
      </Button>
      <span className="small soft number proof-again">
        {isRunning || seconds === 0 ? '\u00a0' : say('again', { count: seconds })}
      </span>
    </div>
  );
}

/** How far a run is that goes on now, whoever asked for it; and why the last one did not end. */
export function LookProgress({ run }: { readonly run: Proof['run'] }) {
  const say = useTexts(proofTexts);
  if (run === null) return null;
  if (run.endedAt !== null) {
    return run.trouble === null ? null : (
      <Notice kind="watch" title={say('trouble')}>
        <p>
          <code lang="en">{run.trouble}</code>
        </p>
        <p>{say('troubleText')}</p>
      </Notice>
    );
  }
  const text = say('running', { done: run.done, steps: run.steps });
  return (
    <div className="proof-progress">
      <span role="status">{text}</span>
      <progress aria-label={text} max={run.steps} value={run.done} />
      <span className="small soft">{say('waking')}</span>
    </div>
  );
}
