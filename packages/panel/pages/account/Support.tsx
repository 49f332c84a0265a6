import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { meQuestion, useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Ask, Buttons, Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { common } from '../../text/common.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { SupportAccesses } from './SupportAccesses.tsx';
import { accountTexts } from './texts.ts';

type Account = Pick<Answer<'GET /v1/accounts/:account'>, 'id' | 'name' | 'deletedAt'>;

/** Who looked into an account, and for operators the way in. */
export function Support({ account }: { readonly account: Account }) {
  const say = useTexts(accountTexts);
  const [isAsking, setAsking] = useState(false);
  const { person, support } = useMe();
  const accesses = useAnswer('GET /v1/accounts/:account/support', { params: { account: account.id } });
  const mayLook = person?.operatorRole === 'administrator' || person?.operatorRole === 'support';
  const isIn = support?.account === account.id;
  const lookInto = (
    <Button icon="eye" onPress={() => setAsking(true)}>
      {say('lookInto')}
    </Button>
  );
  return (
    <Section
      title={say('support')}
      lead={say('supportLead')}
      actions={mayLook && !isIn && account.deletedAt === null ? lookInto : undefined}
    >
      <SupportAccesses account={account.id} from={accesses} />
      {isAsking ? <LookInto account={account} onClose={() => setAsking(false)} /> : null}
    </Section>
  );
}

const MINUTES = ['15', '30', '60', '240'] as const;

function LookInto({ account, onClose }: { readonly account: Account; readonly onClose: () => void }) {
  const say = useTexts(accountTexts);
  const sayCommon = useTexts(common);
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState<(typeof MINUTES)[number]>('30');
  const start = useAct('POST /v1/accounts/:account/support', ['/v1/accounts']);
  const trouble = useTrouble(start.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(
      { params: { account: account.id }, body: { reason: reason.trim(), minutes: Number(minutes) } },
      {
        // What one sees is another's now.
        onSuccess: async () => {
          await client.invalidateQueries({ queryKey: meQuestion.queryKey });
          void client.invalidateQueries();
          onClose();
        },
      },
    );
  };
  const other = trouble.besides('reason');
  return (
    <Ask title={say('lookTitle', { name: account.name })} isOpen onClose={onClose}>
      <form onSubmit={submit}>
        <Fields>
          <p className="soft">{say('lookText')}</p>
          {other === undefined ? null : <Notice kind="wrong">{other}</Notice>}
          <Field
            label={say('reason')}
            hint={say('reasonHint')}
            error={trouble.at('reason')}
            value={reason}
            onChange={setReason}
            autoComplete="off"
            minLength={3}
            isRequired
            autoFocus
          />
          <Select
            label={say('howLong')}
            value={minutes}
            onChange={(next) => setMinutes(next)}
            options={MINUTES.map((value) => ({ value, text: say('minutes', { count: Number(value) }) }))}
          />
          <Buttons>
            <Button onPress={onClose}>{sayCommon('cancel')}</Button>
            <Button kind="main" type="submit" isPending={start.isPending}>
              {say('begin')}
            </Button>
          </Buttons>
        </Fields>
      </form>
    </Ask>
  );
}
