import './meter.css';

export interface MeterProps {
  /** What it measures, for the ear. */
  readonly label: string;
  readonly value: number;
  readonly limit: number;
  /** The same in words, below the bar. */
  readonly text: string;
}

/** How much of a limit is taken; it turns red when little is left. */
export function Meter({ label, value, limit, text }: MeterProps) {
  const share = limit > 0 ? value / limit : 0;
  return (
    <div className="meter" data-full={share > 0.9}>
      <progress aria-label={label} aria-valuetext={text} max={1} value={Math.min(share, 1)} />
      <span className="small soft number">{text}</span>
    </div>
  );
}
