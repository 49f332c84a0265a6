import { useState } from 'react';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { Button } from '../../parts/Button.tsx';
import { Confirm } from '../../parts/Confirm.tsx';
import { Section } from '../../parts/Section.tsx';
import { Table } from '../../parts/Table.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Empty } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { MePage } from './MePage.tsx';
import { NewToken } from './NewToken.tsx';
import { useScopes } from './scopes.ts';
import { meTexts, tokenTexts } from './texts.ts';

type Token = Answer<'GET /v1/tokens'>['items'][number];

/** Tokens that programs act with in one's name. */
export function TokensPage() {
  const sayMe = useTexts(meTexts);
  const say = useTexts(tokenTexts);
  const tokens = useAnswer('GET /v1/tokens');
  const [isMaking, setMaking] = useState(false);
  const scopes = useScopes();
  const { moment } = useFormats();
  const list = {
    items: tokens.data?.items,
    error: tokens.error,
    hasMore: false,
    isLoadingMore: false,
    more: () => undefined,
  };
  return (
    <MePage
      title={sayMe('tokens')}
      lead={say('lead')}
      actions={
        <Button kind="main" icon="plus" onPress={() => setMaking(true)}>
          {say('make')}
        </Button>
      }
    >
      <Section title={sayMe('tokens')}>
        <Table
          label={sayMe('tokens')}
          list={list}
          keyOf={({ id }) => id}
          columns={[
            { id: 'name', head: say('name'), cell: (token) => <Name token={token} /> },
            {
              id: 'scopes',
              head: say('scopes'),
              kind: 'wide',
              cell: (token) => token.scopes.map((scope) => scopes[scope]).join(', '),
            },
            { id: 'until', head: say('until'), cell: (token) => <Until token={token} /> },
            {
              id: 'used',
              head: say('used'),
              cell: ({ lastUsedAt }) => (lastUsedAt === null ? say('never') : moment(lastUsedAt)),
            },
            { id: 'act', head: say('act'), cell: (token) => <Revoke token={token} /> },
          ]}
          empty={
            <Empty icon="key" title={say('none')}>
              {say('noneText')}
            </Empty>
          }
        />
      </Section>
      {isMaking ? <NewToken onClose={() => setMaking(false)} /> : null}
    </MePage>
  );
}

function Name({ token }: { readonly token: Token }) {
  const { memberships } = useMe();
  const account = memberships.find((membership) => membership.account === token.account)?.accountName;
  return (
    <span className={isOver(token) ? 'me-over' : undefined}>
      {token.name}
      {account === undefined ? null : <span className="small soft"> · {account}</span>}
    </span>
  );
}

function Until({ token }: { readonly token: Token }) {
  const say = useTexts(tokenTexts);
  const { date } = useFormats();
  if (token.revokedAt !== null) return <span className="soft">{say('revoked')}</span>;
  if (isOver(token)) return <span className="soft">{say('over')}</span>;
  return token.expiresAt === null ? null : date(token.expiresAt);
}

function isOver({ revokedAt, expiresAt }: Token): boolean {
  return revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= Date.now());
}

function Revoke({ token }: { readonly token: Token }) {
  const say = useTexts(tokenTexts);
  const [isAsking, setAsking] = useState(false);
  const revoke = useAct('DELETE /v1/tokens/:token', ['/v1/tokens']);
  const { name } = token;
  if (isOver(token)) return null;
  const confirmed = () =>
    revoke.mutate(
      { params: { token: token.id } },
      {
        onSuccess: () => {
          tell({ text: say('revokedText', { name }) });
          setAsking(false);
        },
      },
    );
  return (
    <>
      <Button aria-label={say('revokeOf', { name })} onPress={() => setAsking(true)}>
        {say('revoke')}
      </Button>
      {isAsking ? (
        <Confirm
          title={say('revokeTitle', { name })}
          act={say('revoke')}
          error={revoke.error}
          isPending={revoke.isPending}
          onConfirm={confirmed}
          onClose={() => setAsking(false)}
        >
          <p>{say('revokeText')}</p>
        </Confirm>
      ) : null}
    </>
  );
}
