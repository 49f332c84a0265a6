import { type ReactNode, useId } from 'react';
import { Checkbox as AriaCheckbox } from 'react-aria-components/Checkbox';
import { Switch as AriaSwitch } from 'react-aria-components/Switch';
import { Icon } from './icons.tsx';
import './choices.css';

export interface CheckboxProps {
  readonly isSelected: boolean;
  onChange(isSelected: boolean): void;
  readonly isDisabled?: boolean;
  readonly children: ReactNode;
}

/** Yes or no, as part of a form: it counts when the form is sent. */
export function Checkbox({ children, ...rest }: CheckboxProps) {
  return (
    <AriaCheckbox {...rest} className="checkbox">
      <span className="checkbox-box">
        <Icon name="check" size={14} />
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}

/** On or off, at once. */
export function Switch({ children, ...rest }: CheckboxProps) {
  return (
    <AriaSwitch {...rest} className="switch">
      <span className="switch-words">{children}</span>
      <span className="switch-rail">
        <span className="switch-knob" />
      </span>
    </AriaSwitch>
  );
}

export interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  onChange(value: NoInfer<T>): void;
  readonly options: readonly { readonly value: NoInfer<T>; readonly text: string }[];
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
}

/** One of several. The browser's own: quick, and at home on a phone. */
export function Select<T extends string>({ label, value, onChange, options, hint, error }: SelectProps<T>) {
  const id = useId();
  const notes = error ?? hint;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <span className="select-box">
        <select
          id={id}
          className="field-input select"
          value={value}
          aria-invalid={error !== undefined}
          {...(notes !== undefined && { 'aria-describedby': `${id}-notes` })}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen !== undefined) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
        <Icon name="chevronDown" size={16} />
      </span>
      {notes === undefined ? null : (
        <span id={`${id}-notes`} className={error === undefined ? 'field-hint' : 'field-error'}>
          {notes}
        </span>
      )}
    </div>
  );
}
