import type { ReactNode } from 'react';
import { Label, TextArea, TextField, type TextFieldProps } from 'react-aria-components/TextField';
import { FieldNotes } from './Field.tsx';
import './field.css';
import './area.css';

export interface AreaProps extends Omit<TextFieldProps, 'children' | 'className' | 'style' | 'validationBehavior'> {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly rows?: number;
  /** For commands and the like. */
  readonly mono?: boolean;
}

/** Text of several lines. */
export function Area({ label, hint, error, rows = 3, mono = false, ...rest }: AreaProps) {
  return (
    <TextField {...rest} className="field" validationBehavior="aria" isInvalid={error !== undefined}>
      <Label className="field-label">{label}</Label>
      <TextArea
        className={`field-input area${mono ? ' mono' : ''}`}
        rows={rows}
        autoCapitalize={mono ? 'off' : undefined}
      />
      <FieldNotes hint={hint} error={error} />
    </TextField>
  );
}
