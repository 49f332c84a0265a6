import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Button } from '../../parts/Button.tsx';
import { Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { agentOf } from './agent.ts';
import { securityTexts } from './texts.ts';

type Session = Answer<'GET /v1/sessions'>['items'][number];

const REFRESH = ['/v1/sessions'];

/** Where one is logged in; any of it can be ended from here. */
export function Sessions() {
  const say = useTexts(securityTexts);
  const sayProblem = useTexts(problems);
  const sessions = useAnswer('GET /v1/sessions');
  const endOthers = useAct('DELETE /v1/sessions', REFRESH);
  const hasOthers = (sessions.data?.items.length ?? 0) > 1;
  const endAll = () =>
    endOthers.mutate(
      {},
      {
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
        onSuccess: ({ ended }) => tell({ text: say('othersEnded', { count: ended }) }),
      },
    );
  return (
    <Section
      title={say('sessions')}
      lead={say('sessionsLead')}
      actions={
        hasOthers ? (
          <Button kind="danger" onPress={endAll} isPending={endOthers.isPending}>
            {say('endOthers')}
          </Button>
        ) : undefined
      }
    >
      <Loaded from={sessions} lines={3}>
        {({ items }) => (
          <ul>
            {items.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

function SessionRow({ session }: { readonly session: Session }) {
  const say = useTexts(securityTexts);
  const sayProblem = useTexts(problems);
  const { ago } = useFormats();
  const end = useAct('DELETE /v1/sessions/:session', REFRESH);
  const { browser, system } = agentOf(session.userAgent);
  const agent =
    browser !== undefined && system !== undefined
      ? say('onSystem', { browser, system })
      : (browser ?? system ?? say('someBrowser'));
  const { address } = session;
  const endIt = () =>
    end.mutate(
      { params: { session: session.id } },
      {
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
        onSuccess: () => tell({ text: say('ended') }),
      },
    );
  return (
    <li className="me-row">
      <span className="me-row-words">
        <span>
          <strong>{agent}</strong> {session.current ? <span className="soft">({say('thisOne')})</span> : null}
        </span>
        <span className="small soft">{say('seen', { address, when: ago(session.lastSeenAt, Date.now()) })}</span>
      </span>
      {session.current ? null : (
        <Button aria-label={say('endOf', { agent, address })} onPress={endIt} isPending={end.isPending}>
          {say('end')}
        </Button>
      )}
    </li>
  );
}
