import { useId } from 'react';
import { Checkbox } from './Choices.tsx';
import './picks.css';

export interface PicksProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly chosen: readonly T[];
  onChange(chosen: T[]): void;
  readonly error?: string | undefined;
}

/** Any number of several. */
export function Picks<T extends string>({ label, options, chosen, onChange, error }: PicksProps<T>) {
  const id = useId();
  return (
    <fieldset className="picks" {...(error !== undefined && { 'aria-describedby': id })}>
      <legend className="field-label">{label}</legend>
      {options.map(({ value, text }) => (
        <Checkbox
          key={value}
          isSelected={chosen.includes(value)}
          onChange={(isSelected) =>
            onChange(
              options
                .map((option) => option.value)
                .filter((each) => (each === value ? isSelected : chosen.includes(each))),
            )
          }
        >
          {text}
        </Checkbox>
      ))}
      {error === undefined ? null : (
        <span id={id} className="field-error">
          {error}
        </span>
      )}
    </fieldset>
  );
}
