import { useAct } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Button } from '../../parts/Button.tsx';
import { Copyable } from '../../parts/Copy.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { mailTexts } from './texts.ts';

interface UnprovenProps {
  readonly domain: Answer<'GET /v1/domains/:domain'>;
  readonly mayKeep: boolean;
}

/** Why no mail comes yet, with the record that is missing. */
export function Unproven({ domain, mayKeep }: UnprovenProps) {
  const say = useTexts(mailTexts);
  const prove = useAct('POST /v1/domains/:domain/prove', ['/v1/domains', '/v1/sites']);
  const trouble = useTrouble(prove.error).besides();
  const look = () =>
    prove.mutate(
      { params: { domain: domain.id }, query: { wait: true } },
      { onSuccess: () => tell({ text: say('proven', { name: domain.displayName }) }) },
    );
  return (
    <Section title={say('unprovenTitle')} lead={say('unprovenText', { name: domain.displayName })}>
      <Facts>
        <Fact name={say('recordName')}>
          <Copyable text={domain.proof.name} what={say('recordName')} />
        </Fact>
        <Fact name={say('recordValue')}>
          <Copyable text={domain.proof.value} what={say('recordValue')} />
        </Fact>
      </Facts>
      {trouble === undefined ? null : <Notice kind="watch">{trouble}</Notice>}
      {mayKeep ? (
        <div>
          <Button kind="main" onPress={look} isPending={prove.isPending}>
            {say('look')}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
