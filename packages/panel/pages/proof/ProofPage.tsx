import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { question } from '../../api/query.ts';
import { Page } from '../../frame/Page.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { SiteState } from '../../parts/SiteState.tsx';
import { Failed, Skeleton } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { Holdings } from './Holdings.tsx';
import { LookAgain, LookProgress } from './LookAgain.tsx';
import { countOf, lastLook, type Proof } from './summary.ts';
import { proofTexts } from './texts.ts';
import { useNow } from './useNow.ts';
import { Walls } from './Walls.tsx';
import { doorTexts } from './wall-texts.ts';
import './proof.css';

const RUN_LOOK_MS = 1000;
const CLOCK_MS = 15_000;

/** The proof: the walls around one site, what is known of each, since when, and whose word that is. */
export function ProofPage() {
  const say = useTexts(proofTexts);
  const { site } = useParams({ from: '/shell/sites/$site/proof' });
  const proof = useQuery({
    ...question('GET /v1/sites/:site/proof', { params: { site } }),
    refetchInterval: ({ state }) => (isRunning(state.data) ? RUN_LOOK_MS : false),
  });
  if (proof.data === undefined) {
    return (
      <Page title={say('title')} lead={'\u00a0'}>
        {proof.error ? <Failed error={proof.error} retry={proof.refetch} /> : <Skeleton lines={12} />}
      </Page>
    );
  }
  return <House proof={proof.data} />;
}

function isRunning(proof: Proof | undefined): boolean {
  return proof !== undefined && proof.run !== null && proof.run.endedAt === null;
}

function House({ proof }: { readonly proof: Proof }) {
  const say = useTexts(proofTexts);
  const hasLooked = lastLook(proof.looks) !== undefined;
  return (
    <Page
      title={say('title')}
      mark={<SiteState state={proof.state} />}
      lead={
        <>
          {say('lead')}{' '}
          <Link to="/sites/$site" params={{ site: proof.site }}>
            {proof.name}
          </Link>
        </>
      }
      actions={<LookAgain proof={proof} isFirst={!hasLooked} />}
    >
      <LookProgress run={proof.run} />
      <Verdict proof={proof} />
      <Reservations proof={proof} />
      {hasLooked ? <Walls walls={proof.walls} /> : null}
      <Holdings proof={proof} />
    </Page>
  );
}

/** The answer in one sentence, and what it rests on. */
function Verdict({ proof }: { readonly proof: Proof }) {
  const say = useTexts(proofTexts);
  const { ago } = useFormats();
  const now = useNow(CLOCK_MS);
  const { closed, open, declared, notTested } = countOf(proof.walls);
  const last = lastLook(proof.looks);
  const kind = last === undefined ? 'unknown' : open > 0 ? 'open' : 'held';
  const title =
    last === undefined
      ? say('notYet')
      : open > 0
        ? say('someOpen', { count: open })
        : say('allHold', { count: closed });
  const besides = [
    ...(notTested === 0 ? [] : [say('someUntested', { count: notTested })]),
    ...(declared === 0 ? [] : [say('someDeclared', { count: declared })]),
  ];
  return (
    <section className="proof-verdict" data-kind={kind} aria-labelledby="proof-verdict">
      <Icon name={kind === 'open' ? 'warning' : 'shield'} size={40} />
      <div className="proof-verdict-words">
        <h2 id="proof-verdict">{title}</h2>
        {last === undefined ? (
          <p>{say('notYetText')}</p>
        ) : (
          <p>
            {say('lastLook')} {ago(last, now)}
            {besides.length === 0 ? '' : ` · ${besides.join(', ')}`}
          </p>
        )}
        {open > 0 ? <p>{say('someOpenText')}</p> : null}
        <p className="small soft proof-how">{say('how')}</p>
      </div>
    </section>
  );
}

/** What one must know to believe the rest rightly. */
function Reservations({ proof }: { readonly proof: Proof }) {
  const say = useTexts(proofTexts);
  const sayDoor = useTexts(doorTexts);
  const { ago } = useFormats();
  const now = useNow(CLOCK_MS);
  const failed = proof.looks.filter(({ failure }) => failure !== null);
  const isOlder = proof.looks.some(({ source, at, current }) => source === 'own' && at !== null && !current);
  return (
    <>
      {failed.length === 0 ? null : (
        <Notice kind="watch">
          {failed.map(({ source, door, triedAt, failure }) => (
            <p key={`${source} ${door}`}>
              {say('failedLook', { door: sayDoor(door), ago: ago(triedAt, now) })} <code lang="en">{failure}</code>
            </p>
          ))}
        </Notice>
      )}
      {isOlder ? <p className="small soft">{say('older')}</p> : null}
    </>
  );
}
