import type { UseQueryResult } from '@tanstack/react-query';
import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { Badge } from '../../parts/Badge.tsx';
import { Button } from '../../parts/Button.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { accountTexts } from './texts.ts';
import './account.css';

type Accesses = Answer<'GET /v1/accounts/:account/support'>;
type Access = Accesses['items'][number];

export interface SupportAccessesProps {
  readonly account: string;
  readonly from: UseQueryResult<Accesses>;
}

/** Who looks into an account or did, and why; an owner ends it, and lets changes be made or no longer. */
export function SupportAccesses({ account, from }: SupportAccessesProps) {
  const say = useTexts(accountTexts);
  return (
    <Loaded from={from} lines={2}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="soft">{say('noSupport')}</p>
        ) : (
          <ul className="accesses">
            {items.map((access) => (
              <AccessRow key={access.id} account={account} access={access} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function AccessRow({ account, access }: { readonly account: string; readonly access: Access }) {
  const say = useTexts(accountTexts);
  const { moment, time } = useFormats();
  const { name, reason, writes, endedAt, expiresAt } = access;
  const isOver = endedAt !== null || Date.parse(expiresAt) <= Date.now();
  return (
    <li className="access">
      <div className="access-words">
        <span>
          <strong>{name}</strong>{' '}
          {isOver ? (
            <span className="soft">{say('looked', { moment: moment(endedAt ?? expiresAt) })}</span>
          ) : (
            <Badge kind="watch">{say('nowIn', { time: time(expiresAt) })}</Badge>
          )}
        </span>
        <q className="access-reason">{reason}</q>
        <span className="small soft">{say(writes ? 'mayWrite' : 'mayRead')}</span>
      </div>
      {isOver ? null : <AccessActs account={account} access={access} />}
    </li>
  );
}

const REFRESH = ['/v1/accounts', '/v1/session'];

function AccessActs({ account, access }: { readonly account: string; readonly access: Access }) {
  const say = useTexts(accountTexts);
  const sayProblem = useTexts(problems);
  const { memberships, person } = useMe();
  const end = useAct('POST /v1/accounts/:account/support/:access/end', REFRESH);
  const allow = useAct('POST /v1/accounts/:account/support/:access/allow', REFRESH);
  const isOwner = memberships.some(({ account: id, role }) => id === account && role === 'owner');
  const mayEnd = isOwner || person?.id === access.person || person?.operatorRole === 'administrator';
  const params = { account, access: access.id };
  const onError = (error: unknown) => tell({ text: problemText(sayProblem, error) });
  const { writes } = access;
  return (
    <div className="access-acts">
      {isOwner ? (
        <Button
          onPress={() => allow.mutate({ params, body: { writes: !writes } }, { onError })}
          isPending={allow.isPending}
        >
          {say(writes ? 'disallow' : 'allow')}
        </Button>
      ) : null}
      {mayEnd ? (
        <Button
          onPress={() => end.mutate({ params }, { onError, onSuccess: () => tell({ text: say('ended') }) })}
          isPending={end.isPending}
        >
          {say('end')}
        </Button>
      ) : null}
    </div>
  );
}
