import { Copyable } from '../../parts/Copy.tsx';
import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { LimitFacts } from '../site/Limits.tsx';
import type { Proof } from './summary.ts';
import { proofTexts } from './texts.ts';

/** What is kept for the house, and what it is built of. */
export function Holdings({ proof }: { readonly proof: Proof }) {
  const say = useTexts(proofTexts);
  const { date, moment } = useFormats();
  const { image, plan, instance } = proof;
  return (
    <div className="proof-columns">
      <Section title={say('guarantees')} lead={say('guaranteesText', { name: plan.name })}>
        <LimitFacts limits={plan.limits} />
      </Section>
      <Section title={say('runs')}>
        <Facts>
          <Fact name={say('image')}>{image.kind ?? say('unknown')}</Fact>
          <Fact name={say('since')}>{image.since === null ? say('unknown') : moment(image.since)}</Fact>
          <Fact name={say('built')}>{image.builtAt === null ? say('unknown') : date(image.builtAt)}</Fact>
          <Fact name={say('digest')}>
            <Copyable text={image.digest} what={say('digest')} />
          </Fact>
          <Fact name={say('instance')}>{instance === null ? say('unknown') : <code>{instance}</code>}</Fact>
        </Facts>
      </Section>
    </div>
  );
}
