import { type ReactNode, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { FieldError, Input, Label, Text, TextField, type TextFieldProps } from 'react-aria-components/TextField';
import { defineTexts } from '../text/define.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Icon } from './icons.tsx';
import { makePassword } from './password.ts';
import './field.css';

const texts = defineTexts('field', {
  show: { en: 'Show the password', nl: 'Toon het wachtwoord' },
  hide: { en: 'Hide the password', nl: 'Verberg het wachtwoord' },
  generate: { en: 'Make one up', nl: 'Verzin er een' },
});

export interface FieldProps extends Omit<TextFieldProps, 'children' | 'className' | 'style' | 'validationBehavior'> {
  readonly label: string;
  /** What one should know before typing. */
  readonly hint?: ReactNode;
  /** What is wrong with it, from the answer to the last attempt. */
  readonly error?: string | undefined;
  readonly placeholder?: string;
  /** For addresses, codes and the like. */
  readonly mono?: boolean;
}

/** One line of text. */
export function Field({ label, hint, error, placeholder, mono = false, ...rest }: FieldProps) {
  return (
    <TextField {...rest} className="field" validationBehavior="aria" isInvalid={error !== undefined}>
      <Label className="field-label">{label}</Label>
      <Input className={`field-input${mono ? ' mono' : ''}`} {...(placeholder !== undefined && { placeholder })} />
      <FieldNotes hint={hint} error={error} />
    </TextField>
  );
}

export interface PasswordFieldProps extends Omit<FieldProps, 'type'> {
  /** Offers to make one up, which is then shown. */
  readonly generates?: boolean;
}

/** A password, which can be shown, and made up. */
export function PasswordField({ label, hint, error, generates = false, onChange, ...rest }: PasswordFieldProps) {
  const say = useTexts(texts);
  const [isShown, setShown] = useState(false);
  const makeUp = () => {
    setShown(true);
    onChange?.(makePassword((bytes) => crypto.getRandomValues(new Uint8Array(bytes))));
  };
  return (
    <TextField
      {...rest}
      {...(onChange && { onChange })}
      type={isShown ? 'text' : 'password'}
      className="field"
      validationBehavior="aria"
      isInvalid={error !== undefined}
    >
      <span className="field-head">
        <Label className="field-label">{label}</Label>
        {generates ? (
          <AriaButton className="field-aside" onPress={makeUp}>
            <Icon name="dice" size={16} />
            {say('generate')}
          </AriaButton>
        ) : null}
      </span>
      <span className="field-box">
        <Input className="field-input mono" spellCheck="false" autoCapitalize="off" />
        <AriaButton
          className="field-eye"
          aria-label={say(isShown ? 'hide' : 'show')}
          aria-pressed={isShown}
          onPress={() => setShown(!isShown)}
        >
          <Icon name={isShown ? 'eyeClosed' : 'eye'} />
        </AriaButton>
      </span>
      <FieldNotes hint={hint} error={error} />
    </TextField>
  );
}

/** Below a field: what is wrong with it, or else its hint. */
export function FieldNotes({ hint, error }: { readonly hint: ReactNode; readonly error: string | undefined }) {
  return (
    <>
      {hint === undefined || error !== undefined ? null : (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">
        {error === undefined ? null : (
          <>
            <Icon name="warning" size={16} />
            <span>{error}</span>
          </>
        )}
      </FieldError>
    </>
  );
}
