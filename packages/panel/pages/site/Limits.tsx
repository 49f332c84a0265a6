import { useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { siteTexts } from './texts.ts';

type Site = Answer<'GET /v1/sites/:site'>;
type PlanLimits = Answer<'GET /v1/plans'>['items'][number]['limits'];

/** What the site may use, which is also what is kept for it. */
export function Limits({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const plans = useAnswer('GET /v1/plans');
  return (
    <Section title={say('limits')} lead={say('limitsLead', { name: site.plan })}>
      <Loaded from={plans} lines={7}>
        {({ items }) => {
          const plan = items.find(({ name }) => name === site.plan);
          return plan === undefined ? null : <LimitFacts limits={plan.limits} />;
        }}
      </Loaded>
    </Section>
  );
}

export function LimitFacts({ limits }: { readonly limits: PlanLimits }) {
  const say = useTexts(siteTexts);
  const { bytes, number, percent } = useFormats();
  const minutes = Math.round(limits.idleSeconds / 60);
  return (
    <Facts>
      <Fact name={say('memory')}>{bytes(limits.memoryBytes)}</Fact>
      <Fact name={say('processor')}>{say('shareOfOne', { share: percent(limits.cpuPercent / 100) })}</Fact>
      <Fact name={say('disk')}>{bytes(limits.diskBytes)}</Fact>
      <Fact name={say('processes')}>{number(limits.processes)}</Fact>
      <Fact name={say('entries')}>{number(limits.entries)}</Fact>
      <Fact name={say('mailPerHour')}>{number(limits.mailPerHour)}</Fact>
      <Fact name={say('idle')}>{limits.idleSeconds === 0 ? say('never') : say('minutes', { count: minutes })}</Fact>
    </Facts>
  );
}
