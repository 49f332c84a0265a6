import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Me } from '#contract/api/session.ts';
import { useAct } from '../api/query.ts';
import { meQuestion } from '../api/session.ts';
import { Button } from '../parts/Button.tsx';
import { tell } from '../parts/Toasts.tsx';
import { useFormats } from '../text/formats.ts';
import { problems, problemText } from '../text/problems.ts';
import { useTexts } from '../text/useTexts.tsx';
import { frameTexts } from './texts.ts';

/** Marks every page while another's account is looked into, until that ends: by a press, by time, or by an owner. */
export function SupportBand({ support }: { readonly support: NonNullable<Me['support']> }) {
  const say = useTexts(frameTexts);
  const sayProblem = useTexts(problems);
  const { time } = useFormats();
  const client = useQueryClient();
  const end = useAct('POST /v1/accounts/:account/support/:access/end', []);
  const { id, account, accountName, reason, expiresAt, writes } = support;
  useEffect(() => {
    const timer = setTimeout(() => void client.invalidateQueries(), Math.max(Date.parse(expiresAt) - Date.now(), 0));
    return () => clearTimeout(timer);
  }, [client, expiresAt]);
  const leave = () =>
    end.mutate(
      { params: { account, access: id } },
      {
        onError: (error) => tell({ text: problemText(sayProblem, error) }),
        onSuccess: async () => {
          tell({ text: say('supportEnded', { account: accountName }) });
          await client.invalidateQueries({ queryKey: meQuestion.queryKey });
          void client.invalidateQueries();
        },
      },
    );
  return (
    <aside className="support-band">
      <span className="support-band-words">
        {say('support', { account: accountName, reason, until: time(expiresAt) })}{' '}
        {say(writes ? 'supportWriting' : 'supportReading')}
      </span>
      <Button onPress={leave} isPending={end.isPending}>
        {say('supportEnd')}
      </Button>
    </aside>
  );
}
