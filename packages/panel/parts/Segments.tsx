import { useId } from 'react';
import './segments.css';

export interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: NoInfer<T>; readonly text: string; readonly language?: string }[];
  readonly value: T;
  onChange(value: NoInfer<T>): void;
}

/** One of a few, all of them in view. */
export function Segments<T extends string>({ label, options, value, onChange }: SegmentsProps<T>) {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="small soft">{label}</legend>
      <div className="segments-row">
        {options.map((option) => (
          <label key={option.value} className="segment" lang={option.language}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
