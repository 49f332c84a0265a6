import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { Icon, type IconName } from './icons.tsx';
import './button.css';

export interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className' | 'style'> {
  /** `main`: what the page is for, one a page. `quiet`: among others. `danger`: takes something away. `plain`: text alone. */
  readonly kind?: 'main' | 'quiet' | 'danger' | 'plain';
  readonly icon?: IconName;
  /** Fills the width of what it stands in. */
  readonly wide?: boolean;
  readonly children: string;
}

/** A button that says what it does. While it waits it keeps its width, and says to the ear that it waits. */
export function Button({ kind = 'quiet', icon, wide = false, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button button-${kind}${wide ? ' button-wide' : ''}`}>
      {({ isPending }) => (
        <>
          {icon === undefined ? null : <Icon name={icon} size={18} />}
          <span>{children}</span>
          {isPending ? <span className="button-waiting" aria-hidden="true" /> : null}
        </>
      )}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'children' | 'className' | 'style'> {
  readonly icon: IconName;
  /** What it does, for the ear and as a hint. */
  readonly label: string;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <AriaButton {...rest} className="icon-button" aria-label={label}>
      <Icon name={icon} />
    </AriaButton>
  );
}
