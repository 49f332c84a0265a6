import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useAnswer } from '../../api/query.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Button } from '../../parts/Button.tsx';
import { Copyable } from '../../parts/Copy.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { auditTexts } from './texts.ts';
import { exportAddress, verifyChain } from './verify.ts';

/** The chain of an account, or of the installation: its head, its file, and the proof that it is whole. */
export function Chain({ account }: { readonly account: string | undefined }) {
  const say = useTexts(auditTexts);
  const { number } = useFormats();
  const head = useAnswer('GET /v1/audit/head', { query: account === undefined ? {} : { account } });
  return (
    <Section
      title={say('chain')}
      lead={say('chainLead')}
      actions={
        <a className="button button-quiet" href={exportAddress(account)} download>
          {say('download')}
        </a>
      }
    >
      <Loaded from={head} lines={2}>
        {({ sequence, hash }) => (
          <Facts>
            <Fact name={say('entries')}>{number(sequence)}</Fact>
            <Fact name={say('lastHash')}>
              <Copyable text={hash} what={say('lastHash')} />
            </Fact>
          </Facts>
        )}
      </Loaded>
      <Verify account={account} />
    </Section>
  );
}

function Verify({ account }: { readonly account: string | undefined }) {
  const say = useTexts(auditTexts);
  const { number } = useFormats();
  const [entries, setEntries] = useState(0);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    leaving.current = controller;
    return () => controller.abort();
  }, []);
  const check = useMutation({ mutationFn: () => verifyChain(account, leaving.current.signal, setEntries) });
  const trouble = useTrouble(check.error).besides();
  return (
    <>
      <div className="chain-verify">
        <Button icon="shield" onPress={() => check.mutate()} isPending={check.isPending}>
          {say('verify')}
        </Button>
        <span className="soft" role="status">
          {check.isPending ? say('verifying', { count: number(entries) }) : ''}
        </span>
      </div>
      {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
      {check.data?.intact === true ? <Notice kind="good">{say('intact', { count: check.data.entries })}</Notice> : null}
      {check.data?.intact === false ? (
        <Notice kind="wrong" title={say('broken', { sequence: check.data.fault.sequence })}>
          {check.data.fault.message}
        </Notice>
      ) : null}
    </>
  );
}
