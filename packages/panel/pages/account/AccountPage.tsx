import { Link, useParams } from '@tanstack/react-router';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { Page } from '../../frame/Page.tsx';
import { Badge } from '../../parts/Badge.tsx';
import { Button } from '../../parts/Button.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Failed, Skeleton } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { problems, problemText } from '../../text/problems.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { AccountSites } from './AccountSites.tsx';
import { Restore } from './AccountsPage.tsx';
import { Domains } from './Domains.tsx';
import { Members } from './Members.tsx';
import { HOLDINGS } from './refresh.ts';
import { Support } from './Support.tsx';
import { accountTexts } from './texts.ts';
import './account.css';

type Account = Answer<'GET /v1/accounts/:account'>;

/** An account: what it holds, who is in it, who looked into it. */
export function AccountPage() {
  const { account: reference } = useParams({ from: '/shell/accounts/$account' });
  const account = useAnswer('GET /v1/accounts/:account', { params: { account: reference } });
  if (account.data === undefined) {
    return (
      <Page title={'\u2026'}>
        {account.error ? <Failed error={account.error} retry={account.refetch} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <Known key={account.data.id} account={account.data} />;
}

function Known({ account }: { readonly account: Account }) {
  const say = useTexts(accountTexts);
  const { moment } = useFormats();
  const isDeleted = account.deletedAt !== null;
  return (
    <Page
      title={account.name}
      mark={isDeleted ? <Badge kind="wrong">{say('isDeleted')}</Badge> : undefined}
      lead={account.email}
      actions={isDeleted ? <Restore account={account} /> : <Acts account={account} />}
    >
      {account.purgeAfter === null ? null : (
        <Notice kind="watch">{say('deletedText', { moment: moment(account.purgeAfter) })}</Notice>
      )}
      {isDeleted ? null : (
        <>
          <AccountSites account={account.id} />
          <Domains account={account.id} />
        </>
      )}
      <Members account={account} />
      <Support account={account} />
    </Page>
  );
}

function Acts({ account }: { readonly account: Account }) {
  const say = useTexts(accountTexts);
  const sayProblem = useTexts(problems);
  const { memberships, person } = useMe();
  const remove = useAct('DELETE /v1/accounts/:account', HOLDINGS);
  const restore = useAct('POST /v1/accounts/:account/restore', HOLDINGS);
  const isOwner = memberships.some(({ account: id, role }) => id === account.id && role === 'owner');
  const params = { account: account.id };
  const onError = (error: unknown) => tell({ text: problemText(sayProblem, error) });
  const takeAway = () =>
    remove.mutate(
      { params },
      {
        onError,
        onSuccess: () =>
          tell({
            text: say('removed', { name: account.name }),
            undo: () => restore.mutate({ params }, { onError }),
          }),
      },
    );
  return (
    <>
      <Link className="button button-quiet" to="/audit" search={{ account: account.name }}>
        {say('whatWasDone')}
      </Link>
      {isOwner || person?.operatorRole === 'administrator' ? (
        <Button kind="danger" icon="trash" onPress={takeAway} isPending={remove.isPending}>
          {say('remove')}
        </Button>
      ) : null}
    </>
  );
}
