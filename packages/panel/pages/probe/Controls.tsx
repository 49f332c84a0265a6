import { Fact, Facts, Section } from '../../parts/Section.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { useNow } from '../proof/useNow.ts';
import { matrixTexts } from './texts.ts';
import type { Matrix } from './useMatrix.ts';

const CLOCK_MS = 30_000;

/** What the same probes find where walls are missing: why it means something that they find nothing elsewhere. */
export function Controls({ controls }: { readonly controls: Matrix['controls'] }) {
  const say = useTexts(matrixTexts);
  const { ago } = useFormats();
  const now = useNow(CLOCK_MS);
  if (controls.length === 0) return null;
  return (
    <Section title={say('control')} lead={say('controlLead')}>
      <Facts>
        {controls.map(({ node, at, found, looked, missed }) => (
          <Fact key={node} name={node}>
            {at === null ? say('noControl') : `${say('found', { found, looked })}, ${ago(at, now)}`}
            {missed.length === 0 ? null : <p className="small soft">{say('missed', { probes: missed.join(', ') })}</p>}
          </Fact>
        ))}
      </Facts>
    </Section>
  );
}
