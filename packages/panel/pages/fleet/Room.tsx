import { Meter } from '../../parts/Meter.tsx';
import { useFormats } from '../../text/formats.ts';
import { useTexts } from '../../text/useTexts.tsx';
import type { Load } from './load.ts';
import { fleetTexts } from './texts.ts';

/** What a node has: how much of it is used, and how much was promised. */
export function Room({ load }: { readonly load: Load }) {
  const say = useTexts(fleetTexts);
  const { bytes, number } = useFormats();
  const { capacity, sold, used } = load;
  if (capacity === null) return <p className="soft">{say('noCapacity')}</p>;
  const processors = (percent: number) => number(Math.round(percent / 10) / 10);
  const { memoryBytes, cpuPercent, diskBytes } = capacity;
  return (
    <table className="room">
      <thead>
        <tr>
          <th scope="col">
            <span className="unseen">{say('what')}</span>
          </th>
          <th scope="col">{say('used')}</th>
          <th scope="col">{say('sold')}</th>
        </tr>
      </thead>
      <tbody>
        <Row name={say('memory')} used={used.memoryBytes} sold={sold.memoryBytes} whole={memoryBytes} format={bytes} />
        <Row
          name={say('processor')}
          used={used.cpuPercent}
          sold={sold.cpuPercent}
          whole={cpuPercent}
          format={processors}
        />
        {diskBytes === null ? null : (
          <Row
            name={say('disk')}
            used={used.diskBytes ?? 0}
            sold={sold.diskBytes + sold.mailBytes}
            whole={diskBytes}
            format={bytes}
          />
        )}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly name: string;
  readonly used: number;
  readonly sold: number;
  readonly whole: number;
  readonly format: (value: number) => string;
}

function Row({ name, used, sold, whole, format }: RowProps) {
  const say = useTexts(fleetTexts);
  const text = (part: number) => say('usedOf', { part: format(part), whole: format(whole) });
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-head={say('used')}>
        <Meter label={say('usedLabel', { what: name })} value={used} limit={whole} text={text(used)} />
      </td>
      <td data-head={say('sold')}>
        <Meter label={say('soldLabel', { what: name })} value={sold} limit={whole} text={text(sold)} />
      </td>
    </tr>
  );
}
