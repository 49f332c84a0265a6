import { useMemo } from 'react';
import { useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { Chart } from '../../parts/Chart.tsx';
import { Section } from '../../parts/Section.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { highest, type Lines, latest, lineOf } from './lines.ts';
import { siteTexts } from './texts.ts';

type Site = Answer<'GET /v1/sites/:site'>;
type Signals = Answer<'GET /v1/sites/:site/signals'>;

/** How the site did in the last hour. */
export function Usage({ site }: { readonly site: Site }) {
  const say = useTexts(siteTexts);
  const signals = useAnswer('GET /v1/sites/:site/signals', { params: { site: site.id } });
  return (
    <Section title={say('lastHour')}>
      <div className="site-usage">
        <Loaded from={signals} lines={6}>
          {(data) => (data.items.length === 0 ? <p className="soft">{say('noSignals')}</p> : <Charts signals={data} />)}
        </Loaded>
      </div>
    </Section>
  );
}

function Charts({ signals }: { readonly signals: Signals }) {
  const say = useTexts(siteTexts);
  const { number, bytes, percent } = useFormats();
  const lines: Lines = useMemo(() => lineOf(signals), [signals]);
  const { times, requests, answerMs, memory, processor, failed } = lines;
  const total = requests.reduce((sum, value) => sum + value, 0);
  const milliseconds = useMemo(() => (value: number) => `${number(value)} ms`, [number]);
  const last = (values: readonly number[], format: (value: number) => string) => ({
    last: format(latest(values)),
    most: format(highest(values)),
  });
  return (
    <div className="site-charts">
      <Measure name={say('requests')} value={number(latest(requests))}>
        <Chart
          label={say('requestsLabel', {
            total: number(total),
            most: number(highest(requests)),
            failed: number(failed),
          })}
          times={times}
          values={requests}
          format={number}
        />
        {failed === 0 ? null : <p className="small site-failed">{say('failedRequests', { count: failed })}</p>}
      </Measure>
      <Measure name={say('answerTime')} value={milliseconds(latest(answerMs))}>
        <Chart
          label={say('answerTimeLabel', last(answerMs, milliseconds))}
          times={times}
          values={answerMs}
          format={milliseconds}
        />
      </Measure>
      <Measure name={say('memory')} value={bytes(latest(memory))}>
        <Chart
          label={say('memoryLabel', last(memory, bytes))}
          times={times}
          values={memory}
          format={bytes}
          colour="--dusk"
          isBytes
        />
      </Measure>
      <Measure name={say('processor')} value={percent(latest(processor))}>
        <Chart
          label={say('processorLabel', last(processor, percent))}
          times={times}
          values={processor}
          format={percent}
          colour="--dusk"
        />
      </Measure>
    </div>
  );
}

interface MeasureProps {
  readonly name: string;
  readonly value: string;
  readonly children: React.ReactNode;
}

function Measure({ name, value, children }: MeasureProps) {
  return (
    <div className="site-measure">
      <div className="site-measure-head">
        <h3 className="soft">{name}</h3>
        <span className="site-measure-value number">{value}</span>
      </div>
      {children}
    </div>
  );
}
